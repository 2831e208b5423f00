import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../lib/logger.js';
import type { Cluster } from './cluster.js';
import { messageOf } from '../lib/errors/operator-error.js';
import { EmbeddedPostgresError, errorCode, USE_DATABASE_URL } from './errors.js';
import { writeState } from './paths.js';
import { acquireServerLock, type ServerLock } from './reference-counted-lock.js';
import { ADDRESS, findFreePort, isPortFree } from './port.js';
import { disownLockFile, inspectPostmaster } from './postmaster.js';
import { startServer, stopServer } from './server.js';

interface JoinOptions {
  readonly cluster: Cluster;
  /** EMBEDDED_PG_PORT, if set. */
  readonly port: number | undefined;
  readonly settings: Readonly<Record<string, string>>;
  readonly logger: Logger;
}

interface Joined {
  readonly serverLock: ServerLock;
  readonly port: number;
  readonly attached: boolean;
}

/** The longest wait for a server that is starting, recovering or stopping. */
const WAIT_TIMEOUT_MS = 30_000;
const POLL_INTERVAL_MS = 50;
/** Errors that waiting does not resolve: wrong password, no such user or database. */
const FINAL = ['28P01', '28000', '3D000'];

export function serverUrl({ state }: Pick<Cluster, 'state'>, port: number, database: string): string {
  // sslmode: the connection is local, and PGSSLMODE of the environment may be meant for other servers.
  return `postgresql://postgres:${encodeURIComponent(state.password)}@${ADDRESS}:${port}/${database}?sslmode=disable`;
}

/**
 * Joins the cluster's server, and starts it if it is not running. Other processes may start or stop it at the same moment:
 * PostgreSQL's lock file is read again until this process has the server's lock.
 */
export async function joinServer({ cluster, port: wanted, settings, logger }: JoinOptions): Promise<Joined> {
  const { paths } = cluster;
  let startedPid: number | undefined;
  let avoidedPort: number | undefined;
  let lastError: unknown;
  let waitingSince: number | undefined;

  for (;;) {
    const postmaster = await inspectPostmaster(paths.data);
    if (postmaster.state === 'alive') {
      if (postmaster.port !== undefined) {
        const { port, pid } = postmaster;
        try {
          const restartServer = () => restart(cluster, port, settings, logger);
          const url = serverUrl(cluster, port, 'postgres');
          const serverLock = await acquireServerLock({ url, data: paths.data, restart: restartServer, logger });
          return { serverLock, port, attached: pid !== startedPid };
        } catch (error) {
          if (error instanceof EmbeddedPostgresError) throw error;
          if (FINAL.includes(errorCode(error) ?? '')) {
            if (pid === startedPid) await stopServer(cluster);
            throw refused(cluster, port, error);
          }
          lastError = error;
        }
      }
    } else {
      if (postmaster.state === 'mistaken') {
        logger.warn(
          { process: postmaster.pid },
          'The lock file of the embedded PostgreSQL names another program and is ignored',
        );
        await disownLockFile(paths.data, postmaster.pid);
      }
      const port = await choosePort(cluster, wanted, avoidedPort);
      const result = port === null ? 'port-taken' : await startServer(cluster, port, settings);
      if (result === 'started' && port !== null) {
        const again = startedPid !== undefined;
        startedPid = await pidOf(paths.data);
        if (port !== wanted && port !== cluster.state.port) await writeState(paths, { ...cluster.state, port });
        if (!again) continue;
      }
      if (result === 'port-taken') {
        // Another process may have started this server on the port.
        const { state } = await inspectPostmaster(paths.data);
        if (wanted !== undefined && state !== 'alive') throw portTaken(wanted);
        avoidedPort = port ?? avoidedPort;
      }
      lastError = undefined;
    }

    if (waitingSince === undefined) {
      waitingSince = performance.now();
      logger.info({ folder: paths.folder }, 'The embedded PostgreSQL is starting or stopping: waiting for it');
    } else if (performance.now() - waitingSince > WAIT_TIMEOUT_MS) {
      throw noAnswer(cluster, lastError);
    }
    await delay(POLL_INTERVAL_MS);
  }
}

/** Restarts a server that was killed, on its port. Of several processes that do so, one succeeds. */
async function restart(cluster: Cluster, port: number, settings: JoinOptions['settings'], logger: Logger) {
  const { state } = await inspectPostmaster(cluster.paths.data);
  if (state === 'alive') return;
  logger.warn('The embedded PostgreSQL has ended unexpectedly: starting it again');
  await startServer(cluster, port, settings);
}

async function choosePort({ state }: Cluster, wanted?: number, avoidedPort?: number): Promise<number | null> {
  if (wanted !== undefined) return (await isPortFree(wanted)) ? wanted : null;
  if (state.port !== undefined && state.port !== avoidedPort && (await isPortFree(state.port))) return state.port;
  return findFreePort();
}

async function pidOf(data: string): Promise<number | undefined> {
  const postmaster = await inspectPostmaster(data);
  return postmaster.state === 'alive' ? postmaster.pid : undefined;
}

function portTaken(port: number): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `Port ${port}, set by EMBEDDED_PG_PORT, is in use by another program. Set EMBEDDED_PG_PORT to a free port, ` +
      'or leave it out: a free port is then chosen and kept.',
  );
}

function refused({ paths }: Cluster, port: number, cause: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `The embedded PostgreSQL in ${paths.folder}, on port ${port}, refuses this service: ${messageOf(cause)}. ` +
      'If its password was changed, write the new one into state.json in that folder.',
    { cause },
  );
}

function noAnswer({ paths }: Cluster, cause: unknown): EmbeddedPostgresError {
  const reason = cause === undefined ? 'another process keeps starting or stopping it' : messageOf(cause);
  return new EmbeddedPostgresError(
    `The embedded PostgreSQL in ${paths.folder} did not become ready within ${WAIT_TIMEOUT_MS / 1000} s (${reason}). ` +
      `See its log, ${paths.log}, or ${USE_DATABASE_URL}.`,
    { cause },
  );
}

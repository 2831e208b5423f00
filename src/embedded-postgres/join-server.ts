import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../lib/logger.js';
import type { Cluster } from './cluster.js';
import { EmbeddedPostgresError, errorCode, USE_DATABASE_URL } from './errors.js';
import { writeState } from './paths.js';
import { takeLease, type Lease } from './reference-counted-lock.js';
import { ADDRESS, findFreePort, isPortFree } from './port.js';
import { disownLockFile, inspectPostmaster } from './postmaster.js';
import { startServer, stopServer } from './server.js';

interface JoinOptions {
  readonly cluster: Cluster;
  /** The port the user wants, if any. */
  readonly port: number | undefined;
  readonly settings: Readonly<Record<string, string>>;
  readonly logger: Logger;
}

interface Joined {
  readonly lease: Lease;
  readonly port: number;
  readonly attached: boolean;
}

/** How long a server may take that is starting, recovering or stopping when we come. */
const PATIENCE_MS = 30_000;
const LOOK_AGAIN_MS = 50;
/** Refusals that waiting does not heal: wrong password, no such user or database. */
const FINAL = ['28P01', '28000', '3D000'];

/** The connection string of a database of the embedded server. */
export function serverUrl({ state }: Pick<Cluster, 'state'>, port: number, database: string): string {
  // sslmode: it never leaves this machine, and a PGSSLMODE meant for other servers would be obeyed otherwise.
  return `postgresql://postgres:${encodeURIComponent(state.password)}@${ADDRESS}:${port}/${database}?sslmode=disable`;
}

/**
 * Takes part in the cluster's server, starting it if it is not there. Others may be starting or stopping it at the
 * same moment: what counts is what PostgreSQL's lock file says, so it is looked at again until a lease is held.
 */
export async function joinServer({ cluster, port: wanted, settings, logger }: JoinOptions): Promise<Joined> {
  const { home } = cluster;
  let startedPid: number | undefined;
  let avoided: number | undefined;
  let hindrance: unknown;
  let waitingSince: number | undefined;

  for (;;) {
    const postmaster = await inspectPostmaster(home.data);
    if (postmaster.state === 'alive') {
      if (postmaster.port !== undefined) {
        const { port, pid } = postmaster;
        try {
          const revive = () => startAgain(cluster, port, settings, logger);
          const url = serverUrl(cluster, port, 'postgres');
          const lease = await takeLease({ url, data: home.data, revive, logger });
          return { lease, port, attached: pid !== startedPid };
        } catch (error) {
          if (error instanceof EmbeddedPostgresError) throw error;
          if (FINAL.includes(errorCode(error) ?? '')) {
            if (pid === startedPid) await stopServer(cluster);
            throw refused(cluster, port, error);
          }
          hindrance = error;
        }
      }
    } else {
      if (postmaster.state === 'mistaken') {
        logger.warn(
          { process: postmaster.pid },
          'the lock file of the embedded PostgreSQL names another program, ignoring it',
        );
        await disownLockFile(home.data, postmaster.pid);
      }
      const port = await choosePort(cluster, wanted, avoided);
      const result = port === null ? 'port-taken' : await startServer(cluster, port, settings);
      if (result === 'started' && port !== null) {
        const again = startedPid !== undefined;
        startedPid = await pidOf(home.data);
        if (port !== wanted && port !== cluster.state.port) await writeState(home, { ...cluster.state, port });
        if (!again) continue;
      }
      if (result === 'port-taken') {
        // The one who took it may be another start of this very server.
        const { state } = await inspectPostmaster(home.data);
        if (wanted !== undefined && state !== 'alive') throw portTaken(wanted);
        avoided = port ?? avoided;
      }
      hindrance = undefined;
    }

    if (waitingSince === undefined) {
      waitingSince = performance.now();
      logger.info({ folder: home.folder }, 'the embedded PostgreSQL is starting or stopping, waiting for it');
    } else if (performance.now() - waitingSince > PATIENCE_MS) {
      throw noAnswer(cluster, hindrance);
    }
    await delay(LOOK_AGAIN_MS);
  }
}

/** Starts a server again that somebody killed, on the port that everybody knows. Others may be doing so: one of them wins. */
async function startAgain(cluster: Cluster, port: number, settings: JoinOptions['settings'], logger: Logger) {
  const { state } = await inspectPostmaster(cluster.home.data);
  if (state === 'alive') return;
  logger.warn('the embedded PostgreSQL has ended without being asked to: starting it again');
  await startServer(cluster, port, settings);
}

async function choosePort({ state }: Cluster, wanted?: number, avoided?: number): Promise<number | null> {
  if (wanted !== undefined) return (await isPortFree(wanted)) ? wanted : null;
  if (state.port !== undefined && state.port !== avoided && (await isPortFree(state.port))) return state.port;
  return findFreePort();
}

async function pidOf(data: string): Promise<number | undefined> {
  const postmaster = await inspectPostmaster(data);
  return postmaster.state === 'alive' ? postmaster.pid : undefined;
}

function portTaken(port: number): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `Port ${port}, which EMBEDDED_PG_PORT asks for, is in use by another program. Set EMBEDDED_PG_PORT to a free port, ` +
      'or leave it out: a free one is then found and kept.',
  );
}

function refused({ home }: Cluster, port: number, cause: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `The embedded PostgreSQL in ${home.folder}, on port ${port}, refuses this service: ${messageOf(cause)}. ` +
      'If its password was changed, put the new one into state.json there.',
    { cause },
  );
}

function noAnswer({ home }: Cluster, cause: unknown): EmbeddedPostgresError {
  const reason = cause === undefined ? 'another process keeps starting or stopping it' : messageOf(cause);
  return new EmbeddedPostgresError(
    `The embedded PostgreSQL in ${home.folder} did not become ready within ${PATIENCE_MS / 1000} s (${reason}). ` +
      `Its log is ${home.log}. Otherwise, ${USE_DATABASE_URL}.`,
    { cause },
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}

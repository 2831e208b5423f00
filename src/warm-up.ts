import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createApp } from './app.js';
import { createContext } from './context.js';
import { insertForWarmUp } from './inventory/queries/warm-up.queries.js';
import { MAX_BATCH_SIZE } from './inventory/stock-context.js';
import { NO_PASSWORD_RULES } from './lib/auth/password-rules.js';
import type { Config } from './lib/config/index.js';
import type { DatabaseHandle } from './lib/db/database.js';
import { withoutCommits } from './lib/db/without-commits.js';
import { messageOf } from './lib/errors/operator-error.js';
import { createFailureLog } from './lib/failure-log.js';
import { createInMemoryClient, type InMemoryConnection } from './lib/http/in-memory-client.js';
import { watchConnections } from './lib/http/server/connections.js';
import { createHttpServer, HTTP_LIMITS } from './lib/http/server/create-server.js';
import type { Logger } from './lib/logger.js';
import { createDisposalStack } from './lib/process/disposal-stack.js';
import { createServiceMetrics } from './metrics.js';

/** By then, V8 has optimized most of what serves them. */
const RESERVATIONS = 2_500;
/** A slow machine sends fewer. */
const SENDING_MS = 700;
/** A warm-up that has not ended by then, because the database does not answer, no longer delays the start. */
const MAX_DURATION_MS = 1_000;
/** As many as a batch has requests. */
const CONNECTIONS = MAX_BATCH_SIZE;
/** In the first round, stock transactions of several drops run at once, each on a connection to the database of its own. */
const DROPS = 4;
/** The connections that send other requests as well. */
const READERS = 8;

interface WarmUpOptions {
  readonly config: Config;
  readonly database: DatabaseHandle;
  readonly jwtSecret: string;
  readonly logger: Logger;
  /** Default 1 s. */
  readonly maxDurationMs?: number | undefined;
}

/**
 * Serves requests without a network and without an effect, so that the first requests of clients find open connections, prepared
 * statements, and code that V8 has optimized. The requests pass through everything that serves clients, in a context of its own:
 * its metrics, rate limits and log lead nowhere, and its transactions, in which drops and users exist for these requests alone, are rolled
 * back. Never rejects: a failure is logged. See docs/adr/0047.
 */
export async function warmUp(options: WarmUpOptions): Promise<void> {
  const { logger, maxDurationMs = MAX_DURATION_MS } = options;
  const startedAt = performance.now();
  const abort = new AbortController();
  const limit = sleep(maxDurationMs, undefined, { signal: abort.signal }).then(
    () => {
      throw new Error(`it took longer than ${maxDurationMs} ms`);
    },
    () => undefined,
  );
  try {
    const counts = await Promise.race([serveRequests(options, abort.signal), limit]);
    logger.debug({ ...counts, durationMs: Math.round(performance.now() - startedAt) }, 'Warmed up');
  } catch (error) {
    logger.warn({ reason: messageOf(error) }, 'The warm-up failed: the first requests are slower than later ones');
  } finally {
    abort.abort();
  }
}

/** @throws {Error} a request was not served as expected. */
async function serveRequests({ config, database, jwtSecret, logger }: WarmUpOptions, signal: AbortSignal) {
  const dropIds = Array.from({ length: DROPS }, () => randomUUID());
  const userIds = Array.from({ length: CONNECTIONS }, () => randomUUID());
  const silent = logger.child({}, { level: 'silent' });
  const disposal = createDisposalStack(silent);
  try {
    const failures = createFailureLog(silent);
    disposal.add('failure log', failures.close);
    const context = createContext({
      config: withoutSharing(config),
      logger: silent,
      failures,
      metrics: createServiceMetrics({ ofProcess: false }),
      database: {
        ...database,
        db: withoutCommits(database.db, (tx) => insertForWarmUp(tx, { dropIds, userIds })),
        observe: () => undefined,
      },
      jwtSecret,
      passwordRules: NO_PASSWORD_RULES,
      disposal,
    });
    const http = createHttpServer(createApp(context).listener, { limits: HTTP_LIMITS, acceptsUpgrade: () => false });
    watchConnections(http, Infinity);
    const client = createInMemoryClient(http);

    const until = performance.now() + SENDING_MS;
    const counts: Record<number, number> = {};
    let reservations = 0;
    const isDone = () => signal.aborted || reservations >= RESERVATIONS || performance.now() > until;

    async function send(connection: InMemoryConnection, expected: number, request: string): Promise<void> {
      const status = await connection.request(request);
      counts[status] = (counts[status] ?? 0) + 1;
      if (status !== expected) throw new Error(`${request.split(' HTTP')[0] ?? ''} was answered ${status}`);
    }

    async function sendRequests(index: number): Promise<void> {
      const connection = client.connect();
      disposal.add('connection', connection.close);
      const headers = headersOf(config, context.tokens.sign({ id: userIds[index] ?? '', role: 'user' }));
      // Another token: one that was refused is refused again without a query.
      const unknownUser = headersOf(config, context.tokens.sign({ id: randomUUID(), role: 'user' }));
      const anonymous = headersOf(config, null);
      for (let round = 0; round === 0 || !isDone(); round += 1) {
        reservations += 1;
        await send(connection, 201, reservation(headers, dropIds[round === 0 ? index % DROPS : 0] ?? ''));
        if (index >= READERS) continue;
        await send(connection, 200, `GET /api/drops HTTP/1.1\r\n${headers}\r\n`);
        // Neither the drop nor the user exists outside of the transactions. A token would be looked up there, and refused from then on.
        await send(connection, 404, `GET /api/drops/${dropIds[0] ?? ''} HTTP/1.1\r\n${anonymous}\r\n`);
        await send(connection, 401, `GET /api/reservations HTTP/1.1\r\n${unknownUser}\r\n`);
      }
    }

    await Promise.all(userIds.map((_, index) => sendRequests(index)));
    return counts;
  } finally {
    await disposal.closeAll();
  }
}

/** Production's settings, without what requests of clients share: limits count here, and far beyond what is sent. */
function withoutSharing(config: Config): Config {
  const rateLimits = { ...config.http.rateLimits, reserve: { ...config.http.rateLimits.reserve, limit: 1_000_000 } };
  return { ...config, env: 'production', redisUrl: undefined, http: { ...config.http, rateLimits } };
}

function reservation(headers: string, dropId: string): string {
  const body = JSON.stringify({ dropId });
  const contentHeaders = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
  return `POST /api/reservations HTTP/1.1\r\n${headers}${contentHeaders}\r\n${body}`;
}

/** Of a browser on one of the origins. */
function headersOf({ http }: Config, token: string | null): string {
  return [
    `Host: ${new URL(http.publicUrl).host}`,
    'Connection: keep-alive',
    'Accept: application/json',
    'Accept-Encoding: gzip, deflate, br',
    'Accept-Language: en',
    ...(token === null ? [] : [`Authorization: Bearer ${token}`]),
    `Origin: ${http.origins[0] ?? ''}`,
    'User-Agent: warm-up',
    '',
  ].join('\r\n');
}

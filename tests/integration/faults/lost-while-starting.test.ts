import { expect, it } from 'vitest';
import { startTestApp } from '../../helpers/app.js';
import { createTestDatabase } from '../../helpers/database.js';
import { until } from '../../helpers/locks.js';
import { openTcpProxy } from '../../helpers/tcp-proxy.js';

// Cuts the connection at every moment of a start, measured by the responses of the database: before the first byte of a session,
// within the migrations and their commits, the seeding, the checks and the ledger's first read.

/** Number of concurrent starts. */
const CONCURRENCY = 4;
/** Maximum number of cut points. If there are more responses, the cut points are spread over the start. */
const CUT_POINTS = 24;

interface StartResult {
  /** Number of packets from the database. */
  readonly responses: number;
  readonly bytes: number;
  readonly drops: number;
}

/** Starts the service on a new database, and cuts its connection after a number of packets or bytes from the server. */
async function start({
  migrated,
  cutAt,
}: {
  migrated: boolean;
  cutAt?: { responses?: number; bytes?: number };
}): Promise<StartResult> {
  const database = await createTestDatabase({ migrated });
  const target = new URL(database.url);
  let [responses, bytes] = [0, 0];
  let isCut = cutAt === undefined;
  const proxy = await openTcpProxy(() => Number(target.port || 5432), {
    host: target.hostname,
    intercept: (connection) => ({
      onRequest: () => undefined,
      onResponse(chunk) {
        responses += 1;
        bytes += chunk.length;
        if (isCut || (responses < (cutAt?.responses ?? Infinity) && bytes < (cutAt?.bytes ?? Infinity))) return true;
        isCut = true;
        // Only the bytes up to the cut arrive.
        const delivered = chunk.subarray(0, Math.max(0, chunk.length - (bytes - (cutAt?.bytes ?? bytes))));
        setImmediate(() => {
          connection.cut();
        });
        return cutAt?.bytes === undefined ? false : delivered;
      },
    }),
  });
  const url = new URL(database.url);
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  try {
    const env = { DATABASE_URL: url.toString(), NODE_ENV: 'development', SEED: 'true', FRONTEND_URL: '' };
    const app = await startTestApp({ database, env, pollLedger: true, expectsServerErrors: true });
    // The cut may happen right after the start.
    await until('readiness', async () => (await app.http.get('/readyz')).status === 200);
    expect(await app.mismatches()).toEqual([]);
    const { rows } = await database.query<{ drops: number; double: number; unfinished: number }>(
      `SELECT (SELECT count(*)::int FROM drops) AS drops,
              (SELECT count(*) - count(DISTINCT migration_name) FROM _prisma_migrations)::int AS double,
              (SELECT count(*) FROM _prisma_migrations WHERE finished_at IS NULL)::int AS unfinished`,
    );
    await app.close();
    expect(rows[0]).toMatchObject({ double: 0, unfinished: 0 });
    return { responses, bytes, drops: rows[0]?.drops ?? 0 };
  } finally {
    await proxy.close();
    await database.drop();
  }
}

it.for([
  { what: 'on an empty database, which is migrated and seeded', migrated: false, unit: 'responses' },
  { what: 'on a migrated database, within a response', migrated: true, unit: 'bytes' },
] as const)('a start succeeds at whatever moment its connection is lost: $what', async ({ migrated, unit }) => {
  const uninterrupted = await start({ migrated });
  const step = Math.max(1, uninterrupted[unit] / CUT_POINTS);
  const cutPoints = Array.from({ length: Math.min(CUT_POINTS, uninterrupted[unit]) }, (_, index) => Math.max(1, Math.round((index + 1) * step))); // prettier-ignore
  const failed: unknown[] = [];
  await Promise.all(
    Array.from({ length: CONCURRENCY }, async () => {
      for (let cutPoint = cutPoints.pop(); cutPoint !== undefined; cutPoint = cutPoints.pop()) {
        try {
          expect((await start({ migrated, cutAt: { [unit]: cutPoint } })).drops).toBe(uninterrupted.drops);
        } catch (error) {
          failed.push([cutPoint, String(error)]);
        }
      }
    }),
  );
  expect(failed).toEqual([]);
});

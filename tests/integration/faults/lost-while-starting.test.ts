import { expect, it } from 'vitest';
import { startTestApp } from '../../helpers/app.js';
import { createTestDatabase } from '../../helpers/database.js';
import { until } from '../../helpers/locks.js';
import { openTcpProxy } from '../../helpers/tcp-proxy.js';

// Cuts the connection at every moment of a start, measured by the answers of the database: before the first byte of a session,
// within the migrations and their commits, the seeding, the checks and the ledger's first read.

/** Number of concurrent starts. */
const AT_ONCE = 4;
/** Maximum number of moments. If there are more answers, the moments are spread over the start. */
const MOMENTS = 24;

interface Start {
  /** Number of packets from the database. */
  readonly answers: number;
  readonly bytes: number;
  readonly drops: number;
}

/** Starts the service on a new database, and cuts its connection after a number of packets or bytes from the server. */
async function start({
  migrated,
  cutAt,
}: {
  migrated: boolean;
  cutAt?: { answers?: number; bytes?: number };
}): Promise<Start> {
  const database = await createTestDatabase({ migrated });
  const target = new URL(database.url);
  let [answers, bytes] = [0, 0];
  let isCut = cutAt === undefined;
  const proxy = await openTcpProxy(() => Number(target.port || 5432), {
    host: target.hostname,
    befall: (connection) => ({
      asked: () => undefined,
      answered(chunk) {
        answers += 1;
        bytes += chunk.length;
        if (isCut || (answers < (cutAt?.answers ?? Infinity) && bytes < (cutAt?.bytes ?? Infinity))) return true;
        isCut = true;
        // Only the bytes up to the cut arrive.
        const part = chunk.subarray(0, Math.max(0, chunk.length - (bytes - (cutAt?.bytes ?? bytes))));
        setImmediate(() => {
          connection.cut();
        });
        return cutAt?.bytes === undefined ? false : part;
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
    return { answers, bytes, drops: rows[0]?.drops ?? 0 };
  } finally {
    await proxy.close();
    await database.drop();
  }
}

it.for([
  { what: 'on an empty database, which is migrated and seeded', migrated: false, by: 'answers' },
  { what: 'on a migrated database, within an answer', migrated: true, by: 'bytes' },
] as const)('a start succeeds at whatever moment its connection is lost: $what', async ({ migrated, by }) => {
  const whole = await start({ migrated });
  const step = Math.max(1, whole[by] / MOMENTS);
  const moments = Array.from({ length: Math.min(MOMENTS, whole[by]) }, (_, index) => Math.max(1, Math.round((index + 1) * step))); // prettier-ignore
  const failed: unknown[] = [];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let moment = moments.pop(); moment !== undefined; moment = moments.pop()) {
        try {
          expect((await start({ migrated, cutAt: { [by]: moment } })).drops).toBe(whole.drops);
        } catch (error) {
          failed.push([moment, String(error)]);
        }
      }
    }),
  );
  expect(failed).toEqual([]);
});

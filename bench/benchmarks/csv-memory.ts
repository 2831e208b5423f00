import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { Bench, Benchmark, Measurement } from '../benchmark.js';
import type { BenchDatabase, Template } from '../harness/database.js';
import { loadUser, signToken } from '../harness/load-users.js';
import type { StartPlan } from '../processes/start-service.js';
import { productionSettings, sampleMemory, withService } from '../harness/production-service.js';

const ROWS = 1_000_000;
const STOCK = 1_000;
/** A process that needs more ends. */
const SMALL_HEAP = { NODE_OPTIONS: '--max-old-space-size=64 --max-semi-space-size=4' };
const LISTS = ['reservations', 'ledger'] as const;

/** A drop with so many reservations and movements. */
const dropWith = (rows: number): Template => ({
  name: `${rows}_rows`,
  fill: (database) => insertLongLists(database, rows),
});

/** The memory that the process needs, beyond that of one without a client, to send a drop's longest lists in CSV. */
export const csvMemory: Benchmark = {
  name: 'csv-memory',
  title: 'Memory: the reservations and the ledger of a drop in CSV',
  unit: 'MB above idle',
  better: 'lower',
  subject: 'million-rows',
  variants: [
    { name: 'million-rows', title: 'a million rows of each', template: dropWith(ROWS), run: measure(ROWS) },
    {
      name: 'small-heap',
      title: 'a million rows of each, in a heap of 64 MB',
      template: dropWith(ROWS),
      run: measure(ROWS, SMALL_HEAP),
    },
    { name: 'tenth', title: 'a tenth of that', template: dropWith(ROWS / 10), run: measure(ROWS / 10) },
  ],
};

/** One drop with settled reservations and movements, as many of each, and an admin. */
async function insertLongLists({ query, createDrop }: BenchDatabase, rows: number): Promise<void> {
  const dropId = await createDrop(STOCK);
  // Without row triggers and foreign keys: checking data that is consistent by construction would take minutes.
  await query('SET session_replication_role = replica');
  await query(
    `WITH numbered AS MATERIALIZED (SELECT id, row_number() OVER () - 1 AS number FROM users)
     INSERT INTO reservations (user_id, drop_id, status, price, created_at, updated_at, expires_at, settled_at)
     SELECT u.id, $1, 'expired', 10, t - interval '1 minute', t, t, t
     FROM generate_series(1, $2::int) AS i
     JOIN numbered u ON u.number = i % (SELECT count(*) FROM numbered)
     CROSS JOIN LATERAL (SELECT clock_timestamp() - ($2::int - i) * interval '1 ms' AS t) AS moment`,
    [dropId, rows],
  );
  await query(
    `INSERT INTO stock_movements (drop_id, version, delta_available, delta_reserved, delta_sold,
                                  available_stock, reserved_stock, sold_stock, created_at)
     SELECT $1, i, 0, 0, 0, $3, 0, 0, clock_timestamp() - ($2::int - i) * interval '1 ms' FROM generate_series(2, $2::int) AS i`,
    [dropId, rows, STOCK],
  );
  await query('UPDATE drops SET version = $2 WHERE id = $1', [dropId, rows]);
  await query("UPDATE users SET role = 'admin' WHERE username = $1", [loadUser(0).username]);
  await query('RESET session_replication_role');
  await query('VACUUM (ANALYZE)');
}

function measure(rows: number, settings: StartPlan['settings'] = {}) {
  return async (bench: Bench, database: BenchDatabase): Promise<Measurement> => {
    const [drop] = await database.query<{ id: string }>('SELECT id FROM drops');
    return withService(bench, { ...productionSettings(database), ...settings }, async ({ pid, port }) => {
      const metrics: Record<string, number> = {};
      const violations: string[] = [];
      const { idle, peakWhile } = await sampleMemory(pid);
      metrics['without a client, MB'] = idle;
      for (const list of LISTS) {
        const startedAt = performance.now();
        const path = `/api/admin/drops/${drop?.id}/${list}`;
        const { peak, result: lines } = await peakWhile(() => downloadLines(port, path, bench.signal));
        metrics[`${list}: at most, MB`] = peak;
        metrics[`${list}: s`] = (performance.now() - startedAt) / 1000;
        if (lines !== rows + 1) violations.push(`csv-memory: ${list} has ${lines} lines instead of ${rows + 1}`);
      }
      const highest = Math.max(...LISTS.map((list) => metrics[`${list}: at most, MB`] ?? 0));
      return { value: highest - idle, metrics, violations };
    });
  };
}

/** Downloads a list in CSV, and returns how many lines it has. */
async function downloadLines(port: number, path: string, signal: AbortSignal): Promise<number> {
  const headers = { authorization: `Bearer ${signToken(0)}`, accept: 'text/csv' };
  const request = get({ host: '127.0.0.1', port, path, headers, signal });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`${path} returned ${response.statusCode}`);
  let lines = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1;
  }
  return lines;
}

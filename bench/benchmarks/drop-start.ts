import type { Bench, Benchmark, Measurement } from '../benchmark.js';
import type { BenchDatabase } from '../harness/database.js';
import { HOT_STOCK } from '../harness/hot-drop.js';
import { violationsOfHolds, violationsOfOutcomes } from '../harness/invariants.js';
import { reserving, service, withServer } from '../harness/over-http.js';
import type { CrowdPlan, CrowdResult } from '../processes/crowd-at-start.js';

const REQUESTS_BEFORE = { full: 100_000, quick: 10_000 };
const WINDOW_MS = 500;

/** A crowd that reserves units of a drop before its start: how long after the start the first one succeeds. */
export const dropStart: Benchmark = {
  name: 'drop-start',
  title: 'Start of a drop that a crowd waits for, over HTTP',
  unit: 'ms to the first 201',
  better: 'lower',
  subject: 'ours',
  variants: [{ name: 'ours', title: 'ours', run: measure }],
};

async function measure(bench: Bench, database: BenchDatabase): Promise<Measurement> {
  const { children, connections, tokensFile, quick } = bench;
  const dropId = await database.createDrop(HOT_STOCK);
  await database.query(`UPDATE drops SET drop_starts_at = clock_timestamp() + interval '1 day' WHERE id = $1`, [
    dropId,
  ]);
  return withServer(service(database.url)(bench), async ({ port }) => {
    const plan: CrowdPlan = {
      ...reserving(bench, dropId),
      databaseUrl: database.url,
      dropId,
      port,
      connections,
      tokensFile,
      requestsBefore: quick ? REQUESTS_BEFORE.quick : REQUESTS_BEFORE.full,
      windowMs: WINDOW_MS,
    };
    const { firstGrantMs, outcomes, unanswered } = await children.run<CrowdResult>('crowd-at-start', plan);
    const [row] = await database.query<{ early: number; firstMs: number }>(
      `SELECT count(*) FILTER (WHERE r.created_at < d.drop_starts_at)::int AS early,
              extract(epoch FROM min(r.created_at) - d.drop_starts_at)::float8 * 1000 AS "firstMs"
       FROM drops d JOIN reservations r ON r.drop_id = d.id
       WHERE d.id = $1 GROUP BY d.id`,
      [dropId],
    );
    return {
      value: firstGrantMs,
      metrics: {
        'first 201 after the start, ms': firstGrantMs,
        'first reservation in the database, ms': row?.firstMs ?? NaN,
        'refused before the start': outcomes['409'] ?? 0,
        'reserved before the start': row?.early ?? 0,
      },
      violations: [
        ...violationsOfOutcomes(outcomes, ['201', '409']),
        ...(unanswered > 0 ? [`${unanswered} requests got no response`] : []),
        ...(row ? [] : ['no reservation succeeded after the start']),
        ...(row && row.early > 0 ? [`${row.early} reservations were made before the start`] : []),
        ...(await violationsOfHolds(database, dropId, outcomes['201'] ?? 0)),
      ],
    };
  });
}

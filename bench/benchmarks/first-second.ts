import type { Bench, Benchmark, Measurement, Variant } from '../benchmark.js';
import type { BenchDatabase } from '../harness/database.js';
import { findFreePort } from '../../src/embedded-postgres/port.js';
import { HOT_STOCK } from '../harness/hot-drop.js';
import { violationsOfHolds, violationsOfOutcomes } from '../harness/invariants.js';
import { reserving } from '../harness/over-http.js';
import type { FirstSecondPlan, FirstSecondResult } from '../processes/first-second-load.js';
import type { ServerPlan, ServerResult } from '../processes/server.js';

/** After the first response of /readyz. */
const STEADY_AFTER_MS = { full: 10_000, quick: 5_000 };

/**
 * Writes every page of the accounts once after the checkpoint, as a database in use has: PostgreSQL logs the whole page then, which would
 * make the first seconds of any process slower.
 */
const TOUCH_USERS = 'SELECT count(*) FROM (SELECT id FROM users FOR KEY SHARE) AS touched';

/** Reservations of one drop by 256 connections that are opened as soon as a new process is ready. */
export const firstSecond: Benchmark = {
  name: 'first-second',
  title: 'First second after the start: hot drop, over HTTP',
  unit: 'reservations/s',
  better: 'higher',
  subject: 'ours',
  variants: [start('ours', 'ours', true), start('cold', 'the service without its warm-up', false)],
};

function start(name: string, title: string, warmUp: boolean): Variant {
  return { name, title, run: (bench, database) => measure(bench, database, warmUp) };
}

async function measure(bench: Bench, database: BenchDatabase, warmUp: boolean): Promise<Measurement> {
  const { children, connections, tokensFile, windowMs, quick } = bench;
  await database.query(TOUCH_USERS);
  const dropId = await database.createDrop(HOT_STOCK);
  const port = await findFreePort();
  const steadyAfterMs = quick ? STEADY_AFTER_MS.quick : STEADY_AFTER_MS.full;
  // First, so that it waits for the server.
  const plan: FirstSecondPlan = { ...reserving(bench, dropId), port, connections, tokensFile, steadyAfterMs, windowMs };
  const load = children.start<FirstSecondResult>('first-second-load', plan);
  const serverPlan: ServerPlan = { databaseUrl: database.url, settings: { PORT: String(port) }, warmUp };
  const server = children.start<ServerResult>('server', serverPlan);
  try {
    await server.result;
    const { firstSecond: value, steadyPerSecond, outcomes, unanswered } = await load.result;
    const granted = outcomes['201'] ?? 0;
    return {
      value,
      metrics: { 'steady state, per second': steadyPerSecond, 'over the steady state': value / steadyPerSecond },
      violations: [
        ...violationsOfOutcomes(outcomes, ['201']),
        ...(unanswered > 0 ? [`${unanswered} requests got no response`] : []),
        ...(await violationsOfHolds(database, dropId, granted)),
      ],
    };
  } finally {
    await load.stop();
    await server.stop();
  }
}

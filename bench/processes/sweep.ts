import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { summarizeLatencies, type Latencies } from '../harness/statistics.js';
import { runChild } from './child.js';
import { importService, observeQueries } from './service-under-test.js';

/** A worker alone, on a database full of overdue holds. */
export interface SweepPlan {
  readonly databaseUrl: string;
  /** File in `variants/` that replaces the service's `expiry-worker.js`. */
  readonly worker?: string;
  /** The worker is stopped after this time, even if holds are left. */
  readonly timeoutMs: number;
}

export interface SweepResult {
  readonly perSecond: number;
  readonly finished: boolean;
  /** Time from the response to the locking statement until the response to COMMIT. */
  readonly lock: Latencies;
  readonly transactions: number;
}

const POLL_INTERVAL_MS = 20;

await runChild(async ({ databaseUrl, worker, timeoutMs }: SweepPlan) => {
  const { openContext, config, logger } = await importService(
    databaseUrl,
    worker === undefined ? {} : { 'expiry-worker.js': worker },
  );
  const lockDurations = observeLocks();
  const context = await openContext(config, { logger });
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  const countHeld = async () => {
    const { rows } = await database.query<{ held: number }>('SELECT sum(reserved_stock)::int AS held FROM drops');
    return rows[0]?.held ?? 0;
  };

  const before = await countHeld();
  const began = performance.now();
  context.worker.start();
  while ((await countHeld()) > 0 && performance.now() < began + timeoutMs) await sleep(POLL_INTERVAL_MS);
  const [left, durationMs] = [await countHeld(), performance.now() - began];
  await context.worker.stop();
  const result: SweepResult = {
    perSecond: ((before - left) * 1000) / durationMs,
    finished: left === 0,
    lock: summarizeLatencies(lockDurations),
    transactions: lockDurations.length,
  };
  return {
    result,
    async close() {
      await database.end();
      await context.close();
    },
  };
});

/** Collects how long each transaction from now on holds the lock of its drop, in ms. */
function observeLocks(): readonly number[] {
  const durations: number[] = [];
  const lockedAt = new WeakMap<object, number>();
  observeQueries((text, client, result) => {
    if (text.includes('FOR UPDATE'))
      void (result as Promise<unknown>).then(() => lockedAt.set(client, performance.now()));
    if (text !== 'COMMIT') return;
    void (result as Promise<unknown>).then(() => {
      const since = lockedAt.get(client);
      if (since !== undefined) durations.push(performance.now() - since);
      lockedAt.delete(client);
    });
  });
  return durations;
}

import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { PgClientClass } from '../../src/lib/db/database.js';
import { summarizeLatencies } from '../harness/statistics.js';
import { runChild } from './child.js';
import { replaceModules } from './replace-modules.js';
import { productionConfig } from './service-settings.js';

/** A worker by itself, on a database full of overdue holds. */
export interface SweepPlan {
  readonly databaseUrl: string;
  /** File in `variants/` that takes the place of the service's `expiry-worker.js`. */
  readonly worker?: string;
  /** ms after which it is stopped, whatever is left. */
  readonly window: number;
}

export interface SweepResult {
  /** Holds given back a second. */
  readonly perSecond: number;
  /** Whether any are left. */
  readonly finished: boolean;
  /** ms that a transaction had its drop locked, from the answer to the statement that locks to the answer to COMMIT. */
  readonly lock: { readonly p50: number; readonly p99: number };
  readonly transactions: number;
}

/** ms between two looks at what is left. */
const LOOK_EVERY = 20;

await runChild(async ({ databaseUrl, worker, window }: SweepPlan) => {
  const assertReplaced = replaceModules(worker === undefined ? {} : { 'expiry-worker.js': worker });
  // Only now: what is imported before the hook is in place stays as it is.
  const [{ openContext }, { createLogger }] = await Promise.all([
    import('../../src/service.js'),
    import('../../src/lib/logger.js'),
  ]);
  assertReplaced();
  const config = productionConfig(databaseUrl);
  const { PgClient, locks } = notingLocks();
  const context = await openContext(config, { logger: createLogger(config), PgClient });
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  const held = async () => {
    const { rows } = await database.query<{ held: number }>('SELECT sum(reserved_stock)::int AS held FROM drops');
    return rows[0]?.held ?? 0;
  };

  const before = await held();
  const began = performance.now();
  context.worker.start();
  while ((await held()) > 0 && performance.now() < began + window) await sleep(LOOK_EVERY);
  const [left, took] = [await held(), performance.now() - began];
  await context.worker.stop();
  const result: SweepResult = {
    perSecond: ((before - left) * 1000) / took,
    finished: left === 0,
    lock: summarizeLatencies(locks),
    transactions: locks.length,
  };
  return {
    result,
    async close() {
      await database.end();
      await context.close();
    },
  };
});

type Send = (call: string | { text: string }, ...rest: unknown[]) => unknown;

/** A client class that notes for how long each transaction has its drop locked. */
function notingLocks(): { PgClient: PgClientClass; locks: number[] } {
  const locks: number[] = [];
  const PgClient = class extends pg.Client {
    constructor(settings?: string | pg.ClientConfig) {
      super(settings);
      const send = this.query.bind(this) as Send;
      let lockedAt: number | undefined;
      const query: Send = (call, ...rest) => {
        const text = typeof call === 'string' ? call : call.text;
        const answer = send(call, ...rest);
        if (text.includes('FOR UPDATE')) void (answer as Promise<unknown>).then(() => (lockedAt = performance.now()));
        if (text === 'COMMIT') {
          void (answer as Promise<unknown>).then(() => {
            if (lockedAt !== undefined) locks.push(performance.now() - lockedAt);
            lockedAt = undefined;
          });
        }
        return answer;
      };
      this.query = query as typeof this.query;
    }
  };
  return { PgClient, locks };
}

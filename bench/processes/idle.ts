import { setTimeout as sleep } from 'node:timers/promises';
import { runChild } from './child.js';
import { importService, observeQueries } from './service-under-test.js';

/** A service without clients. */
export interface IdlePlan {
  readonly databaseUrl: string;
  /** Time between the start and the window. */
  readonly settleMs: number;
  readonly windowMs: number;
}

export interface IdleResult {
  readonly statementsPerMinute: number;
  /** Share of one core that the process used. */
  readonly cpuShare: number;
}

await runChild(async ({ databaseUrl, settleMs, windowMs }: IdlePlan) => {
  const { startService, config, logger } = await importService(databaseUrl);
  let statements = 0;
  observeQueries(() => (statements += 1));
  const service = await startService(config, { logger });
  await sleep(settleMs);
  statements = 0;
  const before = process.cpuUsage();
  await sleep(windowMs);
  const { user, system } = process.cpuUsage(before);
  const result: IdleResult = {
    statementsPerMinute: (statements * 60_000) / windowMs,
    cpuShare: (user + system) / 1000 / windowMs,
  };
  return { result, close: service.stop };
});

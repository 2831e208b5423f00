import type { Benchmark } from '../benchmark.js';
import type { IdlePlan, IdleResult } from '../processes/idle.js';

/** Until what follows a start has ended, and the worker sleeps. */
const SETTLE_MS = 5_000;
/** Four intervals of the worker, whose polls are most of the statements. */
const WINDOW_MS = 30_000;

/** What a process without holds, sockets and requests does: statements keep a serverless database awake. */
export const idle: Benchmark = {
  name: 'idle',
  title: 'Idle: no hold, no socket, no request',
  unit: 'statements a minute',
  better: 'lower',
  subject: 'ours',
  connections: 0,
  variants: [
    {
      name: 'ours',
      title: 'ours',
      async run({ children }, { url: databaseUrl }) {
        const plan: IdlePlan = { databaseUrl, settleMs: SETTLE_MS, windowMs: WINDOW_MS };
        const { statementsPerMinute, cpuShare } = await children.run<IdleResult>('idle', plan);
        const metrics = { 'statements a minute': statementsPerMinute, '% of a core': 100 * cpuShare };
        return { value: statementsPerMinute, metrics, violations: [] };
      },
    },
  ],
};

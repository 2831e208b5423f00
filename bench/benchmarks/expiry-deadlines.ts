import type { Bench, Benchmark } from '../benchmark.js';
import type { BenchDatabase } from '../harness/database.js';
import type { HoldsPlan } from '../harness/fill-database.js';
import { service, withServer } from '../harness/over-http.js';
import type { ExpiryWatchPlan, ExpiryWatchResult } from '../processes/expiry-watch.js';
import type { ServerPlan } from '../processes/server.js';

const CLIENTS = 10;

interface WatchOptions extends HoldsPlan, Pick<ExpiryWatchPlan, 'timeoutMs'>, Pick<ServerPlan, 'replace'> {
  readonly countFromMs?: number;
}

const PER_SECOND = 100;
/** Two intervals of the variant that polls. */
const LATENESS_SPREAD_MS = 10_000;
const LATENESS = {
  drops: 20,
  holds: (PER_SECOND * LATENESS_SPREAD_MS) / 1_000,
  firstExpiryInMs: 3_000,
  spreadMs: LATENESS_SPREAD_MS,
  timeoutMs: 10_000,
};

/** Holds that expire one after the other: the delay from each deadline to the clients. */
export const expiryLateness: Benchmark = {
  name: 'expiry-lateness',
  title: `Expiry: ${PER_SECOND} holds expire per second, from the deadline to ${CLIENTS} clients`,
  unit: 'ms, p99',
  better: 'lower',
  subject: 'ours',
  connections: CLIENTS,
  variants: [
    {
      name: 'ours',
      title: 'ours',
      async run(bench, database) {
        const { missingEvents, ...measured } = await measureLateness(bench, database);
        const missing = missingEvents > 0 ? [`${missingEvents} expiry events did not reach a client`] : [];
        return { ...measured, violations: [...measured.violations, ...missing] };
      },
    },
    {
      name: 'poll',
      title: 'a worker that polls every 5 s, same stack',
      // It expires many holds at once; the service then does not publish an event for each of them.
      run: (bench, database) => measureLateness(bench, database, { 'expiry-worker.js': 'polling-worker.js' }),
    },
  ],
};

async function measureLateness(bench: Bench, database: BenchDatabase, replace?: ServerPlan['replace']) {
  const options = { ...LATENESS, countFromMs: bench.warmUpMs, ...(replace && { replace }) };
  const { delay, missingEvents, violations } = await watchExpiry(bench, database, options);
  return { value: delay.p99, metrics: { 'p50, ms': delay.p50, 'p99, ms': delay.p99 }, violations, missingEvents };
}

const SAME_SECOND = { drops: 10, holds: 10_000, firstExpiryInMs: 5_000, timeoutMs: 30_000 };

/** 10 000 holds that expire within the same second: the time until all units are reclaimed and shown as available. */
export const expirySameSecond: Benchmark = {
  name: 'expiry-same-second',
  title: `Expiry: ${SAME_SECOND.holds} holds of ${SAME_SECOND.drops} drops expire within one second`,
  unit: 'ms until no client shows a held unit',
  better: 'lower',
  subject: 'ours',
  connections: CLIENTS,
  variants: [
    sameSecond('ours', 'ours, deadlines spread over the second', 1_000),
    sameSecond('same-moment', 'ours, all deadlines at its start', 0),
  ],
};

function sameSecond(name: string, title: string, spreadMs: number): Benchmark['variants'][number] {
  return {
    name,
    title,
    async run(bench, database) {
      const options = { ...SAME_SECOND, spreadMs };
      const { allShownMs, allReclaimedMs, violations } = await watchExpiry(bench, database, options);
      return {
        value: allShownMs,
        metrics: { 'all reclaimed, s': allReclaimedMs / 1000, 'all shown as expired, s': allShownMs / 1000 },
        violations,
      };
    },
  };
}

async function watchExpiry(bench: Bench, database: BenchDatabase, { replace = {}, ...options }: WatchOptions) {
  return withServer(service(database.url, { replace })(bench), async ({ port }) => {
    const plan: ExpiryWatchPlan = { countFromMs: 0, ...options, databaseUrl: database.url, port, clients: CLIENTS };
    const result = await bench.children.run<ExpiryWatchResult>('expiry-watch', plan);
    const { repeatedEvents } = result;
    return { ...result, violations: repeatedEvents > 0 ? [`${repeatedEvents} expiry events were repeated`] : [] };
  });
}

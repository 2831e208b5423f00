import type { Bench, Benchmark, Measurement, Variant } from '../benchmark.js';
import type { BenchDatabase } from '../harness/database.js';
import { service, withServer } from '../harness/over-http.js';
import type { BareServerPlan } from '../processes/bare-server.js';
import type { LiveIdlePlan, LiveIdleResult } from '../processes/live-idle.js';
import type { LiveLoadPlan, LiveLoadResult } from '../processes/live-load.js';
import type { LiveReconnectPlan, LiveReconnectResult } from '../processes/live-reconnect.js';
import type { ServerPlan, ServerResult } from '../processes/server.js';

type Measure = (bench: Bench, target: ServerResult & { dropId: string }, isOurs: boolean) => Promise<Measurement>;

/** The service as it is, and with every change sent at once. */
function oursAndEmitEach(measure: Measure): Variant[] {
  const run = (replace: NonNullable<ServerPlan['replace']>) => (bench: Bench, database: BenchDatabase) =>
    onNewDrop(bench, database, { replace, measure });
  return [
    { name: 'ours', title: 'ours', run: run({}) },
    {
      name: 'emit-each',
      title: 'every change sent at once, same stack',
      run: run({ 'realtime/broadcast/drop-channel.js': 'emit-each.js' }),
    },
  ];
}

async function onNewDrop(
  bench: Bench,
  database: BenchDatabase,
  { replace, measure }: { replace: NonNullable<ServerPlan['replace']>; measure: Measure },
): Promise<Measurement> {
  const dropId = await database.createDrop(1_000);
  return withServer(service(database.url, { replace, live: true })(bench), (ports) =>
    measure(bench, { ...ports, dropId }, Object.keys(replace).length === 0),
  );
}

const CHANGES_PER_SECOND = 1_000;
/** How long a change waits for the next snapshot: at most 20 snapshots are sent per second. */
const BROADCAST_WINDOW_MS = 50;

/** 1 000 and 5 000 sockets that follow one drop, which changes 1 000 times per second. */
export const liveLoads: readonly Benchmark[] = [1_000, 5_000].map((sockets) => ({
  name: `live-${sockets}`,
  title: `Live: ${sockets} sockets, ${CHANGES_PER_SECOND} changes per second of one drop`,
  unit: 'ms of server CPU per delivered change',
  better: 'lower',
  subject: 'ours',
  variants: oursAndEmitEach((bench, target, isOurs) => measureLoad(bench, { ...target, sockets }, isOurs)),
}));

async function measureLoad(
  { children, warmUpMs, windowMs }: Bench,
  target: Pick<LiveLoadPlan, 'port' | 'controlPort' | 'dropId' | 'sockets'>,
  isOurs: boolean,
): Promise<Measurement> {
  const plan: LiveLoadPlan = { ...target, perSecond: CHANGES_PER_SECOND, warmUpMs, windowMs };
  const result = await children.run<LiveLoadResult>('live-load', plan);
  return {
    value: result.cpuMsPerChange,
    metrics: {
      'changes/s delivered to all': result.delivered,
      'snapshots/s per client': result.snapshots,
      'server, % of a core': result.serverCpuShare * 100,
      'delay p50, ms': result.delay.p50,
      'delay p99, ms': result.delay.p99,
      [`p99 beyond the ${BROADCAST_WINDOW_MS} ms window, ms`]: result.delay.p99 - BROADCAST_WINDOW_MS,
      'memory per connection, kB': result.memory.rss / 1000,
      'heap per connection, kB': result.memory.heap / 1000,
      'clients, % of a core': result.cpuShare * 100,
    },
    violations: [
      ...(result.outOfOrder > 0 ? [`${result.outOfOrder} snapshots were not newer than the one before`] : []),
      // The other variant cannot keep up.
      ...(isOurs && result.behind > 0 ? [`${result.behind} clients did not have the last version`] : []),
    ],
  };
}

const IDLE_CLIENTS = 20;
const CHANGES = 60;
const CHANGES_QUICK = 30;
const MIN_CHANGE_INTERVAL_MS = 75;

/** Single reservations on an idle system: the delay from the COMMIT to the clients. */
export const liveIdle: Benchmark = {
  name: 'live-idle',
  title: `Live: a single change, ${IDLE_CLIENTS} sockets, from the commit to the client`,
  unit: 'ms, median',
  better: 'lower',
  subject: 'ours',
  variants: oursAndEmitEach(async ({ children, tokensFile, quick }, target) => {
    const changes = quick ? CHANGES_QUICK : CHANGES;
    const clients = IDLE_CLIENTS;
    const plan: LiveIdlePlan = { ...target, tokensFile, clients, changes, intervalMs: MIN_CHANGE_INTERVAL_MS };
    const { p50, p99, received } = await children.run<LiveIdleResult>('live-idle', plan);
    const expected = clients * changes;
    return {
      value: p50,
      metrics: { 'p99, ms': p99 },
      violations: received === expected ? [] : [`${received} snapshots were received, expected ${expected}`],
    };
  }),
};

const RECONNECTING = 2_000;

/** 2 000 sockets lose their connections at the same moment and reconnect at once. */
export const liveReconnect: Benchmark = {
  name: 'live-reconnect',
  title: `Live: ${RECONNECTING} sockets reconnect at once`,
  unit: 's until all clients have a current snapshot',
  better: 'lower',
  subject: 'ours',
  variants: [
    {
      name: 'ours',
      title: 'ours',
      run: (bench, database) => onNewDrop(bench, database, { replace: {}, measure: measureReconnect }),
    },
    {
      name: 'bare-sockets',
      title: 'bare Socket.io, a constant snapshot and no database',
      async run(bench, database) {
        const dropId = await database.createDrop(1_000);
        const plan: BareServerPlan = { kind: 'sockets', dropId };
        const server = bench.children.start<ServerResult>('bare-server', plan);
        return withServer(server, (ports) => measureReconnect(bench, { ...ports, dropId }));
      },
    },
  ],
};

async function measureReconnect(
  { children }: Bench,
  { port, dropId }: { port: number; dropId: string },
): Promise<Measurement> {
  const plan: LiveReconnectPlan = { port, dropId, sockets: RECONNECTING };
  const { allMs, medianMs, versions } = await children.run<LiveReconnectResult>('live-reconnect', plan);
  return {
    value: allMs / 1000,
    metrics: { 'half of the clients, s': medianMs / 1000, 'all clients, s': allMs / 1000 },
    violations: versions.join() === '1' ? [] : [`snapshots had versions ${versions.join()}, expected only 1`],
  };
}

import type { HonestPlan, HonestResult } from '../abuse/processes/honest-users.js';
import type { Bench, Benchmark, Measurement, Variant } from '../benchmark.js';
import { HOT_STOCK } from '../harness/hot-drop.js';
import { violationsOfOutcomes } from '../harness/invariants.js';
import { service, withServer } from '../harness/over-http.js';
import { summarizeLatencies } from '../harness/statistics.js';
import { clock } from '../processes/child.js';
import type { DropReadersPlan, DropReadersResult } from '../processes/drop-readers.js';

const READERS = 1_000;
const PURCHASES_PER_SECOND = 10;
const RESERVATIONS_PER_SECOND = 100;
/** Time for starting the load generators and for opening the connections. */
const PREPARATION_MS = 3_000;
const WARM_UP_MS = 1_000;
/** Enough reservations for a 99th percentile. */
const WINDOW_MS = 6_000;
/** Of the load users, after all who reserve. */
const FIRST_BUYER = 100_000;
/** Each user has an address of their own, as behind a load balancer. */
const BEHIND_PROXY = { TRUST_PROXY: '1' };

/** What clients that fetch a drop after each purchase cost the users who reserve it. */
export const dropReads: Benchmark = {
  name: 'drop-reads',
  title: `One drop: ${READERS} clients fetch it after each of ${PURCHASES_PER_SECOND} purchases a second`,
  unit: 'ms, 99th percentile of reservations',
  better: 'lower',
  subject: 'ours',
  variants: [variant('ours', 'ours', READERS), variant('without-readers', 'the purchases without the clients', 0)],
};

function variant(name: string, title: string, readers: number): Variant {
  return {
    name,
    title,
    async run(bench, database) {
      const dropId = await database.createDrop(HOT_STOCK);
      const server = service(database.url, { settings: BEHIND_PROXY })(bench);
      return withServer(server, ({ port }) => measure(bench, { port, dropId, readers }));
    },
  };
}

async function measure(
  { children }: Bench,
  { readers, ...target }: Pick<DropReadersPlan, 'port' | 'dropId' | 'readers'>,
): Promise<Measurement> {
  const startAt = clock() + PREPARATION_MS;
  const endAt = startAt + WARM_UP_MS + WINDOW_MS;
  const reserve = (firstUser: number, times: Pick<HonestPlan, 'startAt' | 'endAt'>) =>
    children.run<HonestResult>('../abuse/processes/honest-users', {
      ...target,
      ...times,
      firstUser,
      perSecond: RESERVATIONS_PER_SECOND,
      withSignIns: false,
    } satisfies HonestPlan);
  const [read, , measured] = await Promise.all([
    children.run<DropReadersResult>('drop-readers', {
      ...target,
      readers,
      purchasesPerSecond: PURCHASES_PER_SECOND,
      firstBuyer: FIRST_BUYER,
      startAt,
      endAt,
    } satisfies DropReadersPlan),
    reserve(0, { startAt, endAt: startAt + WARM_UP_MS }),
    reserve(FIRST_BUYER / 2, { startAt: startAt + WARM_UP_MS, endAt }),
  ]);
  const { latenciesMs, answers } = measured.reservations;
  const { p50, p99 } = summarizeLatencies(latenciesMs);
  return {
    value: p99,
    metrics: {
      'p50, ms': p50,
      'reads/s': read.reads,
      'reads p50, ms': read.delay.p50,
      'reads p99, ms': read.delay.p99,
      'not read in time': read.late,
      'readers, % of a core': read.cpuShare * 100,
    },
    violations: [...violationsOfOutcomes(answers, ['201']), ...violationsOfOutcomes(read.answers, ['200'])],
  };
}

import type { BenchDatabase } from '../harness/database.js';
import type { LiveCrowdPlan, LiveCrowdResult } from '../processes/live-crowd.js';
import type { LiveServerPlan, LiveServerResult } from '../processes/live-server.js';
import type { Bench, Measurement, Question } from '../question.js';

/** Changes a second, of one drop. */
const PER_SECOND = 1_000;
/** ms. What a change may wait for the next picture: pictures are sent twenty times a second. */
const WINDOW = 50;

/** 1 000 and 5 000 sockets that follow one drop, which changes 1 000 times a second. */
export const liveCrowds: readonly Question[] = [1_000, 5_000].map(crowdOf);

function crowdOf(sockets: number): Question {
  const measure = (channel?: string) => (bench: Bench, database: BenchDatabase) =>
    measureCrowd(bench, database, sockets, channel);
  return {
    name: `live-${sockets}`,
    title: `Live: ${sockets} sockets, ${PER_SECOND} changes a second of one drop`,
    unit: 'ms of the server’s processor a change that all know of',
    better: 'lower',
    subject: 'ours',
    baseline: 'emit-each',
    variants: [
      { name: 'ours', title: 'ours', measure: measure() },
      { name: 'emit-each', title: 'every change sent at once, same stack', measure: measure('emit-each.js') },
    ],
  };
}

async function measureCrowd(
  { children, warmUp, window }: Bench,
  database: BenchDatabase,
  sockets: number,
  channel: string | undefined,
): Promise<Measurement> {
  const dropId = await database.createDrop(1_000);
  const plan: LiveServerPlan = { databaseUrl: database.url, ...(channel !== undefined && { channel }) };
  const server = children.start<LiveServerResult>('live-server', plan);
  try {
    const crowd: LiveCrowdPlan = { ...(await server.result), dropId, sockets, perSecond: PER_SECOND, warmUp, window };
    const found = await children.run<LiveCrowdResult>('live-crowd', crowd);
    // What sends each change cannot keep up with so many, which is what there is to be seen.
    const mustKeepUp = channel === undefined;
    return {
      value: found.cpuPerChange,
      facts: {
        'changes/s that all know of': found.delivered,
        'pictures/s a client': found.pictures,
        'server, % of a core': found.cpuShare * 100,
        'delay p50, ms': found.delay.p50,
        'delay p99, ms': found.delay.p99,
        [`p99 beyond the ${WINDOW} ms of a window, ms`]: found.delay.p99 - WINDOW,
        'memory a connection, kB': found.memory.rss / 1000,
        'of it on the heap, kB': found.memory.heap / 1000,
        'clients, % of a core': found.load * 100,
      },
      violations: [
        ...(found.backwards > 0 ? [`${found.backwards} pictures were not newer than the one before`] : []),
        ...(mustKeepUp && found.behind > 0 ? [`${found.behind} clients did not have the last version`] : []),
      ],
    };
  } finally {
    await server.stop();
  }
}

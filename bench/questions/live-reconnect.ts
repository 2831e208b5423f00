import type { BenchDatabase } from '../harness/database.js';
import type { BareSocketsPlan } from '../processes/bare-sockets.js';
import type { LiveReconnectPlan, LiveReconnectResult } from '../processes/live-reconnect.js';
import type { LiveServerPlan } from '../processes/live-server.js';
import type { ServerResult } from '../processes/server.js';
import type { Bench, Measurement, Question } from '../question.js';

const SOCKETS = 2_000;

/** 2 000 sockets lose their connections and come back in the same moment: how long until all have a true picture? */
export const liveReconnect: Question = {
  name: 'live-reconnect',
  title: `Live: ${SOCKETS} sockets connect again at once`,
  unit: 's until all have a true picture',
  better: 'lower',
  subject: 'ours',
  baseline: 'bare-sockets',
  variants: [
    {
      name: 'ours',
      title: 'ours',
      measure: (bench, database) => measureReconnect(bench, database, 'live-server'),
    },
    {
      name: 'bare-sockets',
      title: 'bare Socket.io, the same picture for all and no database',
      measure: (bench, database) => measureReconnect(bench, database, 'bare-sockets'),
    },
  ],
};

async function measureReconnect(
  { children }: Bench,
  database: BenchDatabase,
  name: 'live-server' | 'bare-sockets',
): Promise<Measurement> {
  const dropId = await database.createDrop(1_000);
  const settings: LiveServerPlan & BareSocketsPlan = { databaseUrl: database.url, dropId };
  const server = children.start<ServerResult>(name, settings);
  try {
    const plan: LiveReconnectPlan = { port: (await server.result).port, dropId, sockets: SOCKETS };
    const { all, median, versions } = await children.run<LiveReconnectResult>('live-reconnect', plan);
    return {
      value: all / 1000,
      facts: { 'half of them have it, s': median / 1000, 'all have it, s': all / 1000 },
      violations:
        versions.join() === '1' ? [] : [`snapshots of the versions ${versions.join()}, where all should be 1`],
    };
  } finally {
    await server.stop();
  }
}

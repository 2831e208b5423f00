import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Benchmark, Variant } from '../benchmark.js';
import { insertPurchases } from '../harness/fill-database.js';
import { readTokens, reserve } from '../harness/load-users.js';
import { measureOverHttp, service } from '../harness/over-http.js';
import type { ServerPlan } from '../processes/server.js';

const DROPS = 20;
const PURCHASES = 1_000_000;
const PURCHASES_QUICK = 100_000;
/** Time between two reservations, so that the stock changes while the list is read. */
const STOCK_CHANGE_INTERVAL_MS = 50;
/** With 256, the slow variants would send all responses at the same moment, before the window or after it. */
const CONNECTIONS = 64;
/** Reading every purchase is slow, and concurrent requests would exhaust the memory. */
const ONE_AT_A_TIME = { connections: 1, warmUpMs: 0, windowMs: 10_000 };
/** Otherwise the service's TTL cache would serve the list instead of the variant. */
const WITHOUT_CACHE = { 'lib/ttl-cache.js': 'no-cache.js' };

/** Lists of 20 drops with their 3 latest purchasers, of up to a million purchases. */
export const dropList: Benchmark = {
  name: 'drop-list',
  title: `Drop list: ${DROPS} drops with their latest purchasers`,
  unit: 'lists/s',
  better: 'higher',
  subject: 'ours',
  connections: CONNECTIONS,
  variants: [
    list('ours', 'ours', {}),
    list('without-cache', 'ours without the TTL cache', WITHOUT_CACHE),
    list('query-per-drop', 'one query per drop for its latest purchasers, same stack', {
      ...WITHOUT_CACHE,
      'drops.service.js': 'query-per-drop-drops.js',
    }),
    list(
      'nested-take',
      "Prisma's nested take, same stack, one request at a time",
      { ...WITHOUT_CACHE, 'drops.service.js': 'nested-take-drops.js' },
      ONE_AT_A_TIME,
    ),
  ],
  prepare: ({ quick }, database) => insertPurchases(database, DROPS, quick ? PURCHASES_QUICK : PURCHASES),
};

function list(
  name: string,
  title: string,
  replace: NonNullable<ServerPlan['replace']>,
  timing?: typeof ONE_AT_A_TIME,
): Variant {
  return {
    name,
    title,
    async run(bench, database) {
      const dropIds = (await database.query<{ id: string }>('SELECT id FROM drops')).map(({ id }) => id);
      const tokens = await readTokens(bench.tokensFile);
      return measureOverHttp(bench, {
        servers: [service(database.url, { replace })],
        request: { method: 'GET', path: `/api/drops?pageSize=${DROPS}` },
        status: 200,
        ...timing,
        background: (port) => changeStock(port, dropIds, tokens),
      });
    },
  };
}

/** Reserves a unit of one of the drops at a time, until the returned function is called. */
function changeStock(port: number, dropIds: readonly string[], tokens: readonly string[]): () => Promise<void> {
  let ended = false;
  const changing = (async () => {
    while (!ended) {
      // At random, because a user may hold only one unit of a drop and the runs share their database.
      await reserve(port, pick(tokens), pick(dropIds));
      await sleep(STOCK_CHANGE_INTERVAL_MS);
    }
  })();
  // A failure before the end must not cause an unhandled rejection.
  changing.catch(() => undefined);
  return async () => {
    ended = true;
    await changing;
  };
}

function pick(list: readonly string[]): string {
  return list[randomInt(list.length)] ?? '';
}

import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchDatabase } from '../harness/database.js';
import { readTokens } from '../harness/crowd.js';
import { fillWithPurchases } from '../harness/purchases.js';
import { measureOverHttp, service } from '../harness/over-http.js';
import type { ServerPlan } from '../processes/server.js';
import type { Bench, Measurement, Question, Variant } from '../question.js';

const DROPS = 20;
const PURCHASES = 1_000_000;
const PURCHASES_QUICK = 100_000;
/** ms between two reservations of a unit of one of the drops: a list that is read is one whose stock moves. */
const STOCK_MOVES_EVERY = 50;
/** With 256 at once, the slow ones would all be answered in the same moment, before the window or after it. */
const AT_ONCE = 64;
/** Reading every purchase at each request is slow, and 256 at once would exhaust the memory. */
const ONE_AT_A_TIME = { connections: 1, warmUp: 0, window: 10_000 };
/** What the service keeps of a list for a moment would answer in the place of whatever it is compared with. */
const READS_ALWAYS = { 'lib/ttl-cache.js': 'no-cache.js' };

/** The 20 drops with their 3 latest purchasers, of very many purchases: lists a second. */
export const dropList: Question = {
  name: 'drop-list',
  title: `Drop list: ${DROPS} drops with their latest purchasers`,
  unit: 'lists/s',
  better: 'higher',
  subject: 'ours',
  baseline: 'query-per-drop',
  connections: AT_ONCE,
  variants: [
    list('ours', 'ours', {}),
    list('without-cache', 'ours, with nothing kept for a moment', { replace: READS_ALWAYS }),
    list('query-per-drop', 'one query per drop for its latest purchasers, same stack', {
      replace: { ...READS_ALWAYS, 'drops.service.js': 'query-per-drop-drops.js' },
    }),
    list('nested-take', "Prisma's nested take, same stack, one request at a time", {
      replace: { ...READS_ALWAYS, 'drops.service.js': 'nested-take-drops.js' },
      timing: ONE_AT_A_TIME,
    }),
  ],
  fill: ({ quick }, database) => fillWithPurchases(database, DROPS, quick ? PURCHASES_QUICK : PURCHASES),
};

interface ListOptions {
  /** Modules exchanged. */
  readonly replace?: ServerPlan['replace'];
  readonly timing?: typeof ONE_AT_A_TIME;
}

function list(name: string, title: string, options: ListOptions): Variant {
  return { name, title, measure: (bench, database) => measureList(bench, database, options) };
}

async function measureList(
  bench: Bench,
  database: BenchDatabase,
  { replace, timing }: ListOptions,
): Promise<Measurement> {
  const dropIds = (await database.query<{ id: string }>('SELECT id FROM drops')).map(({ id }) => id);
  const tokens = await readTokens(bench.tokensFile);
  return measureOverHttp(bench, {
    servers: [service(database.url, replace)],
    request: { method: 'GET', path: `/api/drops?pageSize=${DROPS}` },
    status: 200,
    ...timing,
    meanwhile: (port) => moveStock(port, dropIds, tokens),
  });
}

/** Reserves a unit of one of the drops at a time, by the users whose tokens these are, until it is ended. */
function moveStock(port: number, dropIds: readonly string[], tokens: readonly string[]): () => Promise<void> {
  let ended = false;
  const moving = (async () => {
    while (!ended) {
      // At random, since nobody may hold two of the same drop, and the runs share their database.
      const response = await fetch(`http://127.0.0.1:${port}/api/reservations`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${pick(tokens)}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({ dropId: pick(dropIds) }),
      });
      if (response.status !== 201) throw new Error(`a reservation beside the lists was answered ${response.status}`);
      await sleep(STOCK_MOVES_EVERY);
    }
  })();
  // Whoever ends it hears of a failure.
  moving.catch(() => undefined);
  return async () => {
    ended = true;
    await moving;
  };
}

function pick(list: readonly string[]): string {
  return list[randomInt(list.length)] ?? '';
}

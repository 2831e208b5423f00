import type { BenchDatabase } from '../../harness/database.js';
import type { Attack } from '../attack.js';
import { sendPacedRequests } from '../generators/paced-requests.js';
import { sendPipelined } from '../generators/pipelined-requests.js';
import { FIRST_ATTACKING_CLIENT, requestBytes } from '../generators/requests.js';

const DROPS = 20;
const DEPTH = 2_000;
/** Leaves the service half of the time if it answers a write within half a second. */
const PIPELINE_INTERVAL_MS = 1_000;

const MOVEMENTS = 1_200;
const MOVEMENT_CONNECTIONS = 4;
const MOVEMENTS_PER_SECOND = 200;

const read = (path: string) => requestBytes('GET', path, { client: FIRST_ATTACKING_CLIENT });

export const pipelinedList: Attack = {
  name: 'pipelined-list',
  title: `one connection that pipelines ${DEPTH} GETs of the drop list in one write, again and again`,
  clients: 1,
  unit: 'requests',
  bound: 1.5,
  control: 'refused-tokens',
  setUp: insertDrops,
  send(target) {
    const requests = Buffer.concat(Array.from({ length: DEPTH }, () => read('/api/drops')));
    return sendPipelined(target, { depth: DEPTH, intervalMs: PIPELINE_INTERVAL_MS, requests: () => requests });
  },
};

export const pipelinedSearches: Attack = {
  name: 'pipelined-searches',
  title: `the same with another search in each GET, so that no cached page helps`,
  clients: 1,
  unit: 'requests',
  bound: 1.5,
  control: 'refused-tokens',
  setUp: insertDrops,
  send: (target) =>
    sendPipelined(target, {
      depth: DEPTH,
      intervalMs: PIPELINE_INTERVAL_MS,
      requests: (write) =>
        Buffer.concat(Array.from({ length: DEPTH }, (_, index) => read(`/api/drops?q=text%20${write}%20${index}`))),
    }),
};

export const movements: Attack = {
  name: 'movements',
  title: `GET /api/drops/:id/movements?limit=1000 from ${MOVEMENT_CONNECTIONS} connections, up to ${MOVEMENTS_PER_SECOND}/s`,
  clients: MOVEMENT_CONNECTIONS,
  unit: 'requests',
  bound: 1.5,
  control: 'refused-tokens',
  async setUp({ query }, dropId) {
    await query('BEGIN');
    for (let count = 0; count < MOVEMENTS; count += 1) {
      await query(
        'UPDATE drops SET total_stock = total_stock + 1, available_stock = available_stock + 1 WHERE id = $1',
        [dropId],
      );
    }
    await query('COMMIT');
  },
  send(target) {
    const request = read(`/api/drops/${target.dropId}/movements?limit=1000`);
    return sendPacedRequests(target, {
      connections: MOVEMENT_CONNECTIONS,
      perSecond: MOVEMENTS_PER_SECOND,
      request: () => request,
    });
  },
};

/** Inserts as many drops as a list or a new socket usually gets. */
export async function insertDrops({ query }: BenchDatabase): Promise<void> {
  await query(
    `INSERT INTO drops (name, price, total_stock) SELECT 'Drop ' || i, 10, 100 FROM generate_series(1, $1) AS i`,
    [DROPS],
  );
}

import type { BenchDatabase } from '../../harness/database.js';
import { signToken } from '../../harness/load-users.js';
import { lastAttacker, type Attack } from '../attack.js';
import { sendPacedRequests } from '../generators/paced-requests.js';
import { sendPipelined } from '../generators/pipelined-requests.js';
import { FIRST_ATTACKING_CLIENT, requestBytes, requestsOf } from '../generators/requests.js';

const DROPS = 20;

const BUYERS = 10;
const PURCHASES = 100;
/** As many requests as the rate limits of these buyers admit while an attack lasts. */
const PURCHASE_PAGES_PER_SECOND = 80;
const DEPTH = 2_000;
/** Leaves the service half of the time if it answers a write within half a second. */
const PIPELINE_INTERVAL_MS = 1_000;

const MOVEMENTS = 1_200;
const MOVEMENT_CONNECTIONS = 4;
const MOVEMENTS_PER_SECOND = 200;

/** As many accounts as download all their data at once. */
const EXPORTS_PER_SECOND = 10;

const SEARCHING_ADDRESSES = 200;
const SEARCHES_PER_SECOND = 400;
const SEARCHED_DROPS = 5_000;

const read = (path: string) => requestBytes('GET', path, { client: FIRST_ATTACKING_CLIENT });

export const pipelinedList: Attack = {
  name: 'pipelined-list',
  title: `one connection that pipelines ${DEPTH} GETs of the drop list in one write, again and again`,
  clients: 1,
  bound: 1.5,
  control: 'refused-tokens',
  setUp: (database) => insertDrops(database),
  send(target) {
    const requests = Buffer.concat(Array.from({ length: DEPTH }, () => read('/api/drops')));
    return sendPipelined(target, { depth: DEPTH, intervalMs: PIPELINE_INTERVAL_MS, requests: () => requests });
  },
};

export const pipelinedSearches: Attack = {
  name: 'pipelined-searches',
  title: `the same with another search in each GET, so that no cached page helps`,
  clients: 1,
  bound: 1.5,
  control: 'refused-tokens',
  setUp: (database) => insertDrops(database),
  send: (target) =>
    sendPipelined(target, {
      depth: DEPTH,
      intervalMs: PIPELINE_INTERVAL_MS,
      requests: (write) =>
        Buffer.concat(Array.from({ length: DEPTH }, (_, index) => read(`/api/drops?q=text%20${write}%20${index}`))),
    }),
};

export const pipelinedPolling: Attack = {
  name: 'pipelined-polling',
  title: `the same with requests of Socket.io that open a connection by polling`,
  clients: 1,
  bound: 1.5,
  control: 'refused-tokens',
  send(target) {
    const requests = Buffer.concat(Array.from({ length: DEPTH }, () => read('/socket.io/?EIO=4&transport=polling')));
    return sendPipelined(target, { depth: DEPTH, intervalMs: PIPELINE_INTERVAL_MS, requests: () => requests });
  },
};

export const movements: Attack = {
  name: 'movements',
  title: `GET /api/drops/:id/movements?limit=1000 from ${MOVEMENT_CONNECTIONS} connections, up to ${MOVEMENTS_PER_SECOND}/s`,
  clients: MOVEMENT_CONNECTIONS,
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

export const purchasesPage: Attack = {
  name: 'purchases-page',
  title: `GET /api/purchases/mine by ${BUYERS} accounts with ${PURCHASES} purchases each, ${PURCHASE_PAGES_PER_SECOND}/s`,
  clients: BUYERS,
  bound: 1.5,
  control: 'refused-tokens',
  setUp: insertPurchases,
  send(target) {
    const requests = requestsOf(BUYERS, (buyer) =>
      requestBytes('GET', '/api/purchases/mine', {
        token: signToken(lastAttacker(target.firstAttacker) - buyer),
        client: FIRST_ATTACKING_CLIENT + buyer,
      }),
    );
    return sendPacedRequests(target, {
      connections: BUYERS,
      perSecond: PURCHASE_PAGES_PER_SECOND,
      request: requests,
    });
  },
};

export const exports: Attack = {
  name: 'exports',
  title: `GET /api/users/me/export by ${BUYERS} accounts with ${PURCHASES} purchases each, ${EXPORTS_PER_SECOND}/s`,
  clients: BUYERS,
  bound: 1.5,
  control: 'refused-tokens',
  setUp: insertPurchases,
  send(target) {
    const requests = requestsOf(BUYERS, (buyer) =>
      requestBytes('GET', '/api/users/me/export', {
        token: signToken(lastAttacker(target.firstAttacker) - buyer),
        client: FIRST_ATTACKING_CLIENT + buyer,
      }),
    );
    return sendPacedRequests(target, { connections: BUYERS, perSecond: EXPORTS_PER_SECOND, request: requests });
  },
};

export const searches: Attack = {
  name: 'searches',
  title: `searches of ${SEARCHED_DROPS} drops from ${SEARCHING_ADDRESSES} addresses, each for another text, ${SEARCHES_PER_SECOND}/s`,
  clients: SEARCHING_ADDRESSES,
  bound: 1.5,
  control: 'refused-tokens',
  setUp: (database) => insertDrops(database, SEARCHED_DROPS),
  send: (target) =>
    sendPacedRequests(target, {
      connections: SEARCHING_ADDRESSES,
      perSecond: SEARCHES_PER_SECOND,
      request: (sequence, connection) =>
        requestBytes('GET', `/api/drops?pageSize=100&q=no%20such%20drop%20${sequence}`, {
          client: FIRST_ATTACKING_CLIENT + connection,
        }),
    }),
};

/** Inserts drops; by default as many as a list or a new socket usually gets. */
export async function insertDrops({ query }: BenchDatabase, count = DROPS): Promise<void> {
  await query(
    `INSERT INTO drops (name, price, total_stock) SELECT 'Drop ' || i, 10, 100 FROM generate_series(1, $1) AS i`,
    [count],
  );
}

/** Inserts purchases of different drops by the last of the load users. */
async function insertPurchases(database: BenchDatabase): Promise<void> {
  await insertDrops(database, PURCHASES);
  await database.query(
    `WITH bought AS (
       INSERT INTO reservations (id, user_id, drop_id, status, expires_at)
       SELECT gen_random_uuid(), buyer.id, sold.id, 'completed', now()
       FROM (SELECT id FROM users ORDER BY split_part(username, '_', 2)::int DESC LIMIT $1) AS buyer,
            (SELECT id FROM drops ORDER BY created_at DESC LIMIT $2) AS sold
       RETURNING *)
     INSERT INTO purchases (user_id, drop_id, reservation_id, price) SELECT user_id, drop_id, id, 10 FROM bought`,
    [BUYERS, PURCHASES],
  );
}

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApp } from '../../../src/app.js';
import { createDropLock, type DropLock } from '../../../src/lib/stock/drop-lock.js';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { rowOfDrop, until, untilWaiting, whileLocked, withLockTimeout } from '../../helpers/locks.js';

const STOCK = 10;
/** The pool's. */
const CONNECTIONS = 20;

let app: TestApp;

beforeAll(async () => {
  // Longer than the machine may take to bring a crowd to the lock.
  app = await startTestApp({ PgClient: withLockTimeout(20_000) });
});

afterAll(() => app.close());

interface QueueSettings {
  readonly maxRunning: number;
  readonly maxRunningPerKey?: number;
  readonly maxWaiting?: number;
  readonly turnTimeout?: number;
  /** Nobody goes before others. */
  readonly inOrder?: boolean;
}

/** How many came to the lock and how many left it, and who those were, in order. */
interface Seen {
  came: number;
  gone: number;
  order: ('owner' | 'buyer')[];
}

type Outcome = [status: number, code?: string];

/** The service, behind a queue with other limits if given, on a port of its own; counts those who came to the lock. */
async function withQueue<T>(
  settings: QueueSettings | undefined,
  work: (service: {
    reserve: (user: TestUser, dropId: string, signal?: AbortSignal) => Promise<Outcome>;
    get: (path: string) => Promise<number>;
    purchase: (user: TestUser, reservationId: string) => Promise<Outcome>;
    seen: Seen;
  }) => Promise<T>,
): Promise<T> {
  const { db, announce, metrics } = app.context;
  const seen: Seen = { came: 0, gone: 0, order: [] };
  const real = settings ? createDropLock({ db, announce, metrics, ...settings }) : app.context.dropLock;
  const dropLock: DropLock = {
    withDrop: (dropId, locked, options) => {
      seen.came += 1;
      const turn = settings?.inOrder ? { ...options, urgent: false } : options;
      return real.withDrop(dropId, locked, turn).finally(() => {
        seen.gone += 1;
        seen.order.push(options?.urgent ? 'owner' : 'buyer');
      });
    },
  };
  const server = createServer(createApp({ ...app.context, dropLock })).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  async function post(path: string, user: TestUser, body: object, signal: AbortSignal | null = null): Promise<Outcome> {
    const answer = await fetch(`${url}/api/${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${user.token}` },
      body: JSON.stringify(body),
      signal,
    });
    const { code } = (await answer.json()) as { code?: string };
    if (answer.status === 503) expect(answer.headers.get('Retry-After')).toBe('1');
    return code === undefined ? [answer.status] : [answer.status, code];
  }

  try {
    return await work({
      seen,
      get: async (path) => (await fetch(url + path)).status,
      reserve: (user, dropId, signal) => post('reservations', user, { dropId }, signal),
      purchase: (user, reservationId) => post('purchases', user, { reservationId }),
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

it('refuses who would wait behind too many', async () => {
  const [dropId, users] = await Promise.all([app.createDrop(), app.createUsers(4)]);
  await withQueue({ maxRunning: 1, maxWaiting: 2 }, async ({ reserve }) => {
    const answers = await whileLocked(app.database, rowOfDrop(dropId), async ({ letGo }) => {
      // One has the turn, two wait, and there is no room for the fourth.
      const requests = users.map((user) => reserve(user, dropId));
      // It is told at once, and not when its turn has not come for too long.
      expect(await Promise.race([...requests, sleep(3_000)])).toEqual([503, 'overloaded']);
      await letGo();
      return Promise.all(requests);
    });
    expect(answers.map(([status]) => status).sort()).toEqual([201, 201, 201, 503]);
  });
});

it('refuses who has waited too long for a turn', async () => {
  const [dropId, [first, second]] = await Promise.all([app.createDrop(), app.createUsers(2)]);
  if (!first || !second) throw new Error('two users');
  await withQueue({ maxRunning: 1, turnTimeout: 100 }, async ({ reserve, seen }) => {
    await whileLocked(app.database, rowOfDrop(dropId), async ({ letGo }) => {
      const running = reserve(first, dropId);
      await untilWaiting(app.database);
      expect(await reserve(second, dropId)).toEqual([503, 'overloaded']);
      expect(seen).toMatchObject({ came: 2, gone: 1 });
      await letGo();
      expect(await running).toEqual([201]);
    });
  });
});

it('does not serve a client that has gone while it waited', async () => {
  const [dropId, [first, second]] = await Promise.all([app.createDrop(), app.createUsers(2)]);
  if (!first || !second) throw new Error('two users');
  await withQueue({ maxRunning: 1 }, async ({ reserve, seen }) => {
    await whileLocked(app.database, rowOfDrop(dropId), async ({ letGo }) => {
      const running = reserve(first, dropId);
      await untilWaiting(app.database);
      const leaving = new AbortController();
      const left = reserve(second, dropId, leaving.signal).catch(() => 'has left');
      await until('the second to come', () => seen.came === 2);
      leaving.abort();
      expect(await left).toBe('has left');
      await until('the second to lose its place', () => seen.gone === 1);
      await letGo();
      expect(await running).toEqual([201]);
    });
  });
  const { rows } = await app.database.query('SELECT user_id FROM reservations WHERE drop_id = $1', [dropId]);
  expect(rows).toEqual([{ user_id: first.id }]);
});

/** Five buyers wait for a unit, and then comes one who has a hold and buys it. In which order are they served? */
async function orderOfService(inOrder: boolean): Promise<Seen['order']> {
  const [dropId, [owner, ...buyers]] = await Promise.all([app.createDrop(), app.createUsers(6)]);
  if (!owner) throw new Error('an owner');
  const hold = (await app.reserve(owner, dropId).expect(201)).body.data.reservation.id;
  return withQueue({ maxRunning: 1, inOrder }, ({ reserve, purchase, seen }) =>
    whileLocked(app.database, rowOfDrop(dropId), async ({ letGo }) => {
      const waiting = buyers.map((buyer) => reserve(buyer, dropId));
      await untilWaiting(app.database);
      await until('all to come', () => seen.came === buyers.length);
      const bought = purchase(owner, hold);
      await until('the owner to come', () => seen.came === buyers.length + 1);
      await letGo();
      await Promise.all([bought, ...waiting]);
      return seen.order;
    }),
  );
}

it('lets who has a hold buy it before those who wait for one', async () => {
  // The first had its turn already.
  expect(await orderOfService(false)).toEqual(['buyer', 'owner', 'buyer', 'buyer', 'buyer', 'buyer']);
  expect(await orderOfService(true)).toEqual(['buyer', 'buyer', 'buyer', 'buyer', 'buyer', 'owner']);
});

/** 300 buyers come to one drop, and wait. What do those get who only look, meanwhile and within so many ms? */
async function lookAtACrowd(patience: number, settings?: QueueSettings) {
  const [dropId, users] = await Promise.all([app.createDrop({ total_stock: STOCK }), app.createUsers(300)]);
  return withQueue(settings, async ({ reserve, get, seen: lock }) =>
    whileLocked(app.database, rowOfDrop(dropId), async ({ letGo }) => {
      let answered = 0;
      const crowd = users.map((user) => reserve(user, dropId).finally(() => (answered += 1)));
      // Nobody can come any more once every connection is taken.
      await until('the crowd', () => lock.came >= (settings?.maxRunning ?? users.length), 10_000);
      await untilWaiting(app.database, settings?.maxRunningPerKey ?? CONNECTIONS / 4);
      const looks = Promise.all(['/api/drops', `/api/drops/${dropId}`, '/readyz'].map((path) => get(path)));
      const seen = await Promise.race([looks, sleep(patience)]);
      const answeredMeanwhile = answered;
      await letGo();
      await looks;
      const granted = (await Promise.all(crowd)).filter(([status]) => status === 201).length;
      return { seen, answeredMeanwhile, granted };
    }),
  );
}

it('serves reads while 300 reservations wait for one drop', async () => {
  expect(await lookAtACrowd(3_000)).toEqual({ seen: [200, 200, 200], answeredMeanwhile: 0, granted: STOCK });
});

it('would not, if the reservations could take every connection', async () => {
  const { seen } = await lookAtACrowd(500, { maxRunning: CONNECTIONS, maxRunningPerKey: CONNECTIONS });
  expect(seen).toBeUndefined();
});

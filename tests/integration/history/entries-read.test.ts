import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countOverdueHolds, findDueDrops } from '../../../src/inventory/queries/due-drops.queries.js';
import { findPurchases, findReservations } from '../../../src/modules/customers/customers.queries.js';
import { pollLedger } from '../../../src/realtime/ledger-poller/ledger.queries.js';
import { copyOf, type TestDatabase } from '../../helpers/database.js';
import { entriesReadBy, totalOf } from '../../helpers/entries-read.js';
import { withClient } from '../../helpers/test-server.js';
import { withoutProtection } from '../../helpers/without-protection.js';
import { servicesOf } from '../batches/support.js';
import { HOT_DROP, OVERDUE_HOLDS, PURCHASES_PER_USER, STATISTICS } from './past.js';
import {
  BATCH_SIZE,
  batchesOf,
  pastDatabase,
  preparedDatabase,
  readByService,
  REQUESTS,
  reserveAll,
} from './support.js';

const POLLS = 20;

/**
 * Each request looks up its account twice, its drop, its hold, its key, its purchases and unpaid holds, and the rows that it
 * writes: 10 to 15 entries. A batch may also pass entries of the holds that were settled just before, and how many of them
 * PostgreSQL has marked by then depends on what else it does. Reading a user's past would take 30 to 100 more.
 */
const ENTRIES_PER_REQUEST = 40;

/** More customers than PostgreSQL expects of a drop with statistics from before it. */
const LISTED = 100;

let past: TestDatabase;
beforeAll(async () => {
  past = await pastDatabase();
});
afterAll(() => past.drop());

describe.each(STATISTICS)('$name', (statistics) => {
  let database: TestDatabase;
  /** One for each user, in their order. */
  let reservationIds: string[] = [];

  beforeAll(async () => {
    database = await preparedDatabase(past, statistics);
  });
  afterAll(() => database.drop());

  it.each([
    ['active'],
    ['completed'],
    ['released'],
    ['expired'],
    ['active', 'completed', 'expired', 'released'],
  ] as const)('lists of customers read the reservations that they show: %j', async (...statuses) => {
    const read = await readByService(database, async ({ context: { db } }) => {
      await findReservations(db, { dropId: HOT_DROP, statuses }, { limit: LISTED });
    });
    // An entry of the list, the row and its account, for each reservation.
    expect(read.reservations).toBeLessThan(LISTED * 3 * statuses.length);
    expect(read.users).toBeLessThan(2 * LISTED);
  });

  it('lists of customers read the purchases that they show', async () => {
    const read = await readByService(database, ({ context: { db } }) =>
      findPurchases(db, { dropId: HOT_DROP }, { limit: LISTED }),
    );
    expect(read.purchases).toBeLessThan(3 * LISTED);
  });

  it('a sweep reads the holds that it reclaims', async () => {
    const read = await readByService(database, async ({ context }) => {
      expect(await context.worker.runOnce()).toMatchObject({ swept: 1, failed: 0 });
      while ((await context.worker.runOnce()).swept > 0);
    });
    expect(totalOf(read)).toBeLessThan(10 * 2 * OVERDUE_HOLDS);
  });

  it('reservations read a few entries a request', async () => {
    const read = await readByService(database, async (app) => {
      reservationIds = await reserveAll(app);
    });
    expect(totalOf(read)).toBeLessThan(ENTRIES_PER_REQUEST * REQUESTS);
  });

  it('purchases do', async () => {
    const read = await readByService(database, async (app) => {
      const { purchase } = servicesOf(app);
      for (const [batch, members] of batchesOf(app).entries()) {
        const from = batch * BATCH_SIZE;
        const half = members.slice(0, BATCH_SIZE / 2);
        await Promise.all(
          half.map((user, index) => purchase(user, reservationIds[from + index] ?? '', `key ${index}`)),
        );
      }
    });
    expect(totalOf(read)).toBeLessThan((ENTRIES_PER_REQUEST * REQUESTS) / 2);
  });

  it('releases do', async () => {
    const read = await readByService(database, async (app) => {
      const { release } = servicesOf(app);
      for (const [batch, members] of batchesOf(app).entries()) {
        const from = batch * BATCH_SIZE;
        const half = members.slice(BATCH_SIZE / 2);
        await Promise.all(
          half.map((user, index) => release(user, reservationIds[from + BATCH_SIZE / 2 + index] ?? '')),
        );
      }
    });
    expect(totalOf(read)).toBeLessThan((ENTRIES_PER_REQUEST * REQUESTS) / 2);
  });

  it('a user who has reached the limit is refused after as few', async () => {
    const read = await readByService(database, async (app) => {
      await reserveAll(app);
    });
    expect(totalOf(read)).toBeLessThan(ENTRIES_PER_REQUEST * REQUESTS);
  });

  it('polls of the worker, of the ledger and of the metrics read a few entries each', async () => {
    // Removes the entries of the holds that were settled just before; each poll would read them until PostgreSQL marks them.
    await withClient(database.url, (client) => client.query('VACUUM reservations'));
    const read = await readByService(database, async ({ context: { db } }) => {
      for (let poll = 0; poll < POLLS; poll += 1) {
        await findDueDrops(db, 100);
        await countOverdueHolds(db);
        const { moved } = await pollLedger(db, new Date(Date.now() - 1_000), new Date());
        expect(moved.length).toBeLessThanOrEqual(1);
      }
    });
    // At most as many movements as there were batches and sweeps.
    expect(totalOf(read)).toBeLessThan(50 * POLLS);
  });

  it('lists read the entries that they show', async () => {
    const read = await readByService(database, async (app) => {
      const { http } = app;
      const token = batchesOf(app)[0]?.[0]?.token ?? '';
      const lists = ['', '?page=3', '?status=live', '?q=past%201', '?status=sold_out&q=x'].map(
        (query) => `/api/drops${query}`,
      );
      const paths = [...lists, `/api/drops/${HOT_DROP}`, `/api/drops/${HOT_DROP}/movements?since=2020-01-01T00:00Z`];
      for (const path of paths) await http.get(path).expect(200);
      const ofDrop = `/api/purchases/mine?dropId=${HOT_DROP}`;
      for (const path of ['/api/reservations', '/api/purchases/mine?pageSize=10', ofDrop, '/api/users/me']) {
        await http.get(path).auth(token, { type: 'bearer' }).expect(200);
      }
    });
    // Lists of drops count the drops that match. The purchases of a user are counted, too.
    expect(totalOf(read, ['users', 'reservations', 'purchases', 'stock_movements'])).toBeLessThan(600);
  });
});

describe('controls', () => {
  describe('with statistics of settled rows and no active ones', () => {
    let database: TestDatabase;

    beforeAll(async () => {
      database = await preparedDatabase(past, STATISTICS[1] as (typeof STATISTICS)[number]);
    });
    afterAll(() => database.drop());

    it('without the condition of its index, the list of a drop reads every reservation', async () => {
      const PgClient = withoutProtection(/ AND isfinite\(expires_at\)/g, '');
      const read = await readByService(
        database,
        ({ context: { db } }) => findReservations(db, { dropId: HOT_DROP, statuses: ['expired'] }, { limit: LISTED }),
        PgClient,
      );
      PgClient.assertUsed();
      expect(read.reservations).toBeGreaterThan(10_000);
    });

    it('by the indexes of purchases, a limit reads every purchase of the users, or of the drop', async () => {
      await withClient(database.url, (client) =>
        client.query('CREATE INDEX by_user ON purchases (user_id, created_at DESC, id DESC)'),
      );
      const PgClient = withoutProtection(
        /FROM reservations r(\s+WHERE r\.user_id = requested\.user_id AND r\.drop_id = \$\d+::uuid) AND r\.status = 'completed'/,
        'FROM purchases r$1',
      );
      const { purchases } = await readByService(database, reserveAll, PgClient);
      PgClient.assertUsed();
      expect(purchases).toBeGreaterThan(PURCHASES_PER_USER * REQUESTS);
    });
  });

  it('without chunks, a poll of the ledger reads all of it with statistics of other times', async () => {
    const database = await copyOf(past);
    const since = new Date(Date.now() - 1_000);
    const former = 'SELECT drop_id, max(version) FROM stock_movements WHERE created_at >= $1 GROUP BY drop_id';
    try {
      await withClient(database.url, async (client) => {
        const move = (days: number) => `
          SET session_replication_role = replica;
          UPDATE stock_movements SET created_at = created_at + ${days} * interval '1 day'`;
        await client.query(move(200));
        await client.query('ANALYZE stock_movements');
        await client.query(move(-200));
        await client.query('VACUUM stock_movements');
      });
      const formerly = await entriesReadBy(database, () =>
        withClient(database.url, (client) => client.query(former, [since])),
      );
      expect(formerly.stock_movements).toBeGreaterThan(50_000);
      const now = await readByService(database, ({ context: { db } }) => pollLedger(db, since, since));
      expect(now.stock_movements).toBeLessThan(100);
    } finally {
      await database.drop();
    }
  });
});

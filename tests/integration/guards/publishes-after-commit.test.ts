import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTransaction } from '../../../src/lib/db/transaction.js';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { listenTo, receivedAll, type Listener } from '../../helpers/sockets.js';
import { servicesOf } from '../batches/support.js';

let app: TestApp;
let listener: Listener;

beforeAll(async () => {
  app = await startTestApp();
  listener = await listenTo(app);
});

afterAll(async () => {
  listener.close();
  await app.close();
});

interface UseCase {
  readonly name: string;
  readonly events: readonly string[];
  /** Inserts the rows that the use case needs and returns a function that runs it. */
  readonly prepare: () => Promise<() => Promise<unknown>>;
}

const hold = async (user: TestUser, dropId: string) => (await servicesOf(app).reserve(user, dropId)).reservation.id;

const USE_CASES: readonly UseCase[] = [
  {
    name: 'creating a drop',
    events: ['new_drop'],
    async prepare() {
      const { drops } = app.context.services;
      const admin = await app.createUser('admin');
      const body = { name: 'New', price: '1.00', totalStock: 1 };
      return () => drops.create({ body, createdBy: admin.id, idempotencyKey: null });
    },
  },
  {
    name: 'reserving',
    events: ['inventory_update'],
    async prepare() {
      const [user, dropId] = await Promise.all([app.createUser(), app.createDrop()]);
      return () => servicesOf(app).reserve(user, dropId);
    },
  },
  {
    name: 'reserving, which expires another hold',
    events: ['reservation_update', 'inventory_update'],
    async prepare() {
      const [user, other, dropId] = await Promise.all([app.createUser(), app.createUser(), app.createDrop()]);
      await hold(other, dropId);
      await app.expireHolds({ dropId });
      return () => servicesOf(app).reserve(user, dropId);
    },
  },
  {
    name: 'purchasing',
    events: ['inventory_update', 'purchase_update'],
    async prepare() {
      const [user, dropId] = await Promise.all([app.createUser(), app.createDrop()]);
      const reservationId = await hold(user, dropId);
      return () => servicesOf(app).purchase(user, reservationId);
    },
  },
  {
    name: 'releasing',
    events: ['inventory_update'],
    async prepare() {
      const [user, dropId] = await Promise.all([app.createUser(), app.createDrop()]);
      const reservationId = await hold(user, dropId);
      return () => servicesOf(app).release(user, reservationId);
    },
  },
  {
    name: 'the worker, which expires a hold',
    events: ['reservation_update', 'inventory_update'],
    async prepare() {
      const [user, dropId] = await Promise.all([app.createUser(), app.createDrop()]);
      await hold(user, dropId);
      await app.expireHolds({ dropId });
      return async () => {
        const { failed } = await app.context.worker.runOnce();
        if (failed > 0) throw new Error('Published or failed inside a transaction: the worker logged the error');
      };
    },
  },
];

describe.each(USE_CASES)('$name', ({ events, prepare }) => {
  it('publishes after its transaction', async () => {
    const run = await prepare();
    await receivedAll(app, listener);
    const before = listener.events.length;
    await run();
    await receivedAll(app, listener);
    expect(listener.events.slice(before).map(({ name }) => name)).toEqual(events);
  });

  it('fails if it publishes while a transaction is open', async () => {
    const run = await prepare();
    await expect(inTransaction(app.context.db, run)).rejects.toThrow(/^Published .*inside a transaction/);
  });
});

describe('publishing', () => {
  const event = () => ({ dropId: '00000000-0000-4000-8000-000000000000', username: 'a', purchasedAt: '2030-01-01' });

  it('throws inside a transaction, also after an await', async () => {
    const { db, publish } = app.context;
    const published = inTransaction(db, async (tx) => {
      await tx.$queryRaw`SELECT 1`;
      await Promise.resolve();
      publish('purchase_update', event());
    });
    await expect(published).rejects.toThrow('Published purchase_update inside a transaction');
  });

  it("throws inside a transaction that Prisma's client opens", async () => {
    const { db, publish } = app.context;
    const published = db.$transaction(async () => {
      publish('purchase_update', event());
    });
    await expect(published).rejects.toThrow('Published purchase_update inside a transaction');
  });

  it('succeeds while an unrelated transaction is open, and after a COMMIT', async () => {
    const { db, publish } = app.context;
    const open = inTransaction(db, (tx) => tx.$queryRaw`SELECT pg_sleep(0.1)::text`);
    publish('purchase_update', event());
    await open;
    publish('purchase_update', event());
  });
});

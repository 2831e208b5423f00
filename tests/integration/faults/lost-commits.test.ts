import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../helpers/locks.js';
import { listenTo, receivedAll } from '../../helpers/sockets.js';
import { withoutProtection } from '../../helpers/without-protection.js';
import { countOutcomes, outcomesOf, servicesOf } from '../batches/support.js';
import { changes, refusal, startFragileApp, type FragileApp } from './support.js';

const RETRY_AFTER_COMMIT = 'retry after commit';

let app: FragileApp;

beforeAll(async () => {
  app = await startFragileApp();
  // The first COMMIT after a restart of the sequence takes 8 s. A rollback does not reset a sequence.
  await app.database.query(`
    CREATE SEQUENCE commits START 2;
    CREATE FUNCTION take_long() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF nextval('commits') = 1 THEN PERFORM pg_sleep(8); END IF;
      RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT OR UPDATE ON reservations DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION take_long()`);
});

afterAll(() => app.close());

describe('when the connection is lost during the COMMIT,', () => {
  it.for(changes)('$what that was committed is returned and not repeated', async ({ status, prepare }) => {
    const { dropId, request, expectedHolds } = await prepare(app);
    const before = await app.fallbacks(RETRY_AFTER_COMMIT);
    const listener = await listenTo(app);
    app.proxy.loseResponseTo('COMMIT');
    const response = await request();
    await receivedAll(app, listener);
    listener.close();

    expect(response.status).toBe(status);
    expect(response.headers).not.toHaveProperty('idempotency-replayed');
    expect(await app.holdsOf(dropId)).toEqual(expectedHolds(response));
    expect(await app.fallbacks(RETRY_AFTER_COMMIT)).toBe(before + 1);
    const { rows } = await app.database.query('SELECT version, available_stock AS available FROM drops WHERE id = $1', [dropId]); // prettier-ignore
    expect(listener.received('inventory_update')).toMatchObject([{ dropId, version: rows[0]?.version }]);
    expect(listener.received('purchase_update').length).toBe(response.body.data.price === undefined ? 0 : 1);
    await app.recovered();
    expect(await app.mismatches()).toEqual([]);
  });

  it.for(changes)('$what that was rolled back is made once, by the second run', async ({ status, prepare }) => {
    const { dropId, request, expectedHolds } = await prepare(app);
    const before = await app.fallbacks(RETRY_AFTER_COMMIT);
    await app.database.query('ALTER SEQUENCE commits RESTART WITH 1');
    const running = Promise.resolve(request());
    await app.terminate(`query = 'COMMIT' AND wait_event = 'PgSleep'`);
    const response = await running;
    expect(response.status).toBe(status);
    expect(await app.holdsOf(dropId)).toEqual(expectedHolds(response));
    expect(await app.fallbacks(RETRY_AFTER_COMMIT)).toBe(before + 1);
    await app.recovered();
    expect(await app.mismatches()).toEqual([]);
  });

  it.for(changes)('$what fails with 503 outcome-unknown if the database stays away', async ({ state, prepare }) => {
    const { dropId, request } = await prepare(app);
    app.proxy.loseResponseTo('COMMIT', true);
    const response = await request();
    expect(refusal(response)).toBe('503 outcome-unknown, Retry-After 1');
    expect(await app.holdsOf(dropId)).toMatchObject([{ status: state }]);
    await app.proxy.restore();
    await app.recovered();
    expect(await app.mismatches()).toEqual([]);
  });

  it('the expiry of a hold whose unit another user got is published once', async () => {
    const [[late, next], dropId] = await Promise.all([app.createUsers(2), app.createDrop({ total_stock: 1 })]);
    if (!late || !next) throw new Error('two users');
    const { body } = await app.reserve(late, dropId).expect(201);
    await app.expireHolds({ dropId });
    const listener = await listenTo(app);
    app.proxy.loseResponseTo('COMMIT');
    await app.reserve(next, dropId).expect(201);
    await app.recovered();
    await app.context.worker.runOnce();
    await receivedAll(app, listener);
    listener.close();
    expect(listener.received('reservation_update')).toEqual([
      { reservationId: body.data.reservation.id, dropId, userId: late.id, availableStock: 0, status: 'expired' },
    ]);
  });

  it('a unit that the worker reclaimed is published once', async () => {
    const [late, dropId] = await Promise.all([app.createUser(), app.createDrop({ total_stock: 1 })]);
    const { body } = await app.reserve(late, dropId).expect(201);
    await app.expireHolds({ dropId });
    const listener = await listenTo(app);
    const before = await app.fallbacks(RETRY_AFTER_COMMIT);
    app.proxy.loseResponseTo('COMMIT');
    expect(await app.context.worker.runOnce()).toEqual({ swept: 1, failed: 0, locked: 0 });
    expect(await app.fallbacks(RETRY_AFTER_COMMIT)).toBe(before + 1);
    await app.recovered();
    expect(await app.context.worker.runOnce()).toEqual({ swept: 0, failed: 0, locked: 0 });
    await receivedAll(app, listener);
    listener.close();
    expect(listener.received('reservation_update')).toEqual([
      { reservationId: body.data.reservation.id, dropId, userId: late.id, availableStock: 1, status: 'expired' },
    ]);
    expect(listener.received('inventory_update')).toMatchObject([{ dropId, availableStock: 1 }]);
  });

  it('all members of the batch get the outcomes of the first run', async () => {
    const [users, dropId] = await Promise.all([app.createUsers(8), app.createDrop({ total_stock: 5 })]);
    const { reserve } = servicesOf(app);
    app.proxy.loseResponseTo('COMMIT');
    const outcomes = await outcomesOf(users.map((user) => reserve(user, dropId)));
    expect(countOutcomes(outcomes)).toEqual({ done: 5, 'sold-out': 3 });
    expect(outcomes.slice(0, 5)).toEqual(Array(5).fill('done'));
    expect(await app.holdsOf(dropId)).toHaveLength(5);
    await app.recovered();
    expect(await app.mismatches()).toEqual([]);
  });
});

describe('without ids that are chosen before the transaction,', () => {
  it('a committed reservation is refused because of its own hold', async () => {
    const PgClient = withoutProtection(
      'SELECT requested.id, requested.user_id',
      'SELECT gen_random_uuid(), requested.user_id',
    );
    const unprotected = await startFragileApp({ PgClient });
    try {
      const [user, dropId] = await Promise.all([unprotected.createUser(), unprotected.createDrop()]);
      unprotected.proxy.loseResponseTo('COMMIT');
      const response = await unprotected.reserve(user, dropId);
      PgClient.assertUsed();
      expect([response.status, response.body.code]).toEqual([409, 'already-reserved']);
      await until('the hold', async () => (await unprotected.holdsOf(dropId)).length === 1);
    } finally {
      await unprotected.close();
    }
  });
});

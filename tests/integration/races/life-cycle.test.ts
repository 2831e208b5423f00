import type { Response } from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DropAction } from '../../../src/modules/drops/changes.schema.js';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { dropRowLock, untilWaiting, whileLocked } from '../../helpers/locks.js';
import { withoutProtection, type RewritingClient } from '../../helpers/without-protection.js';
import { MAX_BATCH_SIZE } from '../../../src/inventory/stock-context.js';
import { count, countResponses, holdOf, stockOf, times, withoutLock } from './support.js';

let database: TestDatabase;
let organiser: TestApp;
let admin: TestUser;

beforeAll(async () => {
  database = await createTestDatabase();
  organiser = await startTestApp({ database });
  admin = await organiser.createUser('admin');
});
afterAll(async () => {
  await organiser.close();
  await database.drop();
});

const act = (dropId: string, action: DropAction) =>
  organiser.http.post(`/api/drops/${dropId}/${action}`).auth(admin.token, { type: 'bearer' });

/** Another service on the database, which serves the buyers. */
async function withShop<T>(PgClient: RewritingClient | undefined, run: (shop: TestApp) => Promise<T>): Promise<T> {
  const shop = await startTestApp({ database, ...(PgClient && { PgClient }) });
  try {
    const result = await run(shop);
    PgClient?.assertUsed();
    return result;
  } finally {
    await shop.close();
  }
}

/**
 * Sends a request of the organiser and, once it waits for the drop's lock, one of a buyer, which waits behind it.
 *
 * @returns the response to the buyer.
 */
function behind(dropId: string, action: DropAction, request: () => PromiseLike<Response>): Promise<Response> {
  return whileLocked(database, dropRowLock(dropId), async ({ unlock }) => {
    const first = act(dropId, action).then((response) => response);
    await untilWaiting(database, 1);
    const second = Promise.resolve(request());
    await untilWaiting(database, 2);
    await unlock();
    expect((await first).status).toBe(200);
    return second;
  });
}

describe('a reservation that waits behind a pause', () => {
  const reserveBehindPause = (PgClient?: RewritingClient) =>
    withShop(PgClient, async (shop) => {
      const [dropId, user] = await Promise.all([shop.createDrop(), shop.createUser()]);
      const { status, body } = await behind(dropId, 'pause', () => shop.reserve(user, dropId));
      return { status, code: body.code as string | undefined, holds: (await stockOf(shop, dropId)).reserved };
    });

  it('is refused: the pause holds for everything that is decided after it', async () => {
    expect(await reserveBehindPause()).toEqual({ status: 409, code: 'drop-paused', holds: 0 });
  });

  it('is granted if the pause is looked up before the lock', async () => {
    expect(await reserveBehindPause(withoutLock())).toEqual({ status: 201, code: undefined, holds: 1 });
  });
});

describe('a purchase that waits behind a cancellation', () => {
  const purchaseBehindCancellation = (PgClient?: RewritingClient) =>
    withShop(PgClient, async (shop) => {
      const [dropId, user] = await Promise.all([shop.createDrop(), shop.createUser()]);
      const reservationId = await holdOf(shop, user, dropId);
      const { status, body } = await behind(dropId, 'cancel', () => shop.purchase(user, reservationId));
      const purchases = await count(shop, 'SELECT count(*) FROM purchases WHERE reservation_id = $1', [reservationId]);
      return { status, code: body.code as string | undefined, purchases };
    });

  it('is refused, and the hold was released', async () => {
    expect(await purchaseBehindCancellation()).toEqual({ status: 410, code: 'reservation-settled', purchases: 0 });
    expect(await organiser.mismatches()).toEqual([]);
  });
});

describe('a purchase of a hold that exceeds what the cancellation itself releases', () => {
  /** Cancels a drop with more holds than one transaction releases. */
  const purchaseAfterCancellation = (PgClient?: RewritingClient) =>
    withShop(PgClient, async (shop) => {
      const buyers = MAX_BATCH_SIZE + 1;
      const [dropId, users] = await Promise.all([shop.createDrop({ total_stock: buyers }), shop.createUsers(buyers)]);
      const holds = await times(buyers, (index) => holdOf(shop, users[index] as TestUser, dropId));
      // Cancelled, and its last hold not released yet.
      await act(dropId, 'cancel').expect(200);
      const { rows } = await database.query<{ id: string }>(
        `SELECT id FROM reservations WHERE drop_id = $1 AND status = 'active'`,
        [dropId],
      );
      expect(rows).toHaveLength(1);
      const index = holds.indexOf(rows[0]?.id ?? '');
      const { status, body } = await shop.purchase(users[index] as TestUser, holds[index] as string);
      expect(await organiser.mismatches()).toEqual([]);
      return { status, code: body.code as string | undefined, sold: (await stockOf(shop, dropId)).sold };
    });

  it('is refused', async () => {
    expect(await purchaseAfterCancellation()).toEqual({ status: 410, code: 'reservation-settled', sold: 0 });
  });

  it('is accepted if a transaction does not reclaim the holds of a cancelled drop first', async () => {
    const horizon = "CASE WHEN d.cancelled_at IS NULL THEN clock_timestamp() ELSE 'infinity' END";
    const outcome = await purchaseAfterCancellation(withoutProtection(horizon, 'clock_timestamp()'));
    expect(outcome).toEqual({ status: 201, code: undefined, sold: 1 });
  });
});

describe('in a rush', () => {
  it('no unit is reserved after a pause was confirmed, until the sale is resumed', async () => {
    await withShop(undefined, async (shop) => {
      const buyers = 120;
      const [dropId, users] = await Promise.all([shop.createDrop({ total_stock: buyers }), shop.createUsers(buyers)]);
      const rush = times(buyers, (index) =>
        shop.reserve(users[index] as TestUser, dropId).then((response) => response),
      );
      const actions: DropAction[] = ['pause', 'resume', 'pause'];
      for (const action of actions) await act(dropId, action).expect(200);
      const { reserved } = await stockOf(shop, dropId);
      const counts = countResponses(await rush);
      expect((counts['201'] ?? 0) + (counts['409 drop-paused'] ?? 0)).toBe(buyers);
      expect(await stockOf(shop, dropId)).toEqual({ available: buyers - reserved, reserved, sold: 0 });
      expect(counts['201'] ?? 0).toBe(reserved);
      const late = await count(
        shop,
        'SELECT count(*) FROM reservations r JOIN drops d ON d.id = r.drop_id WHERE d.id = $1 AND r.created_at > d.paused_at',
        [dropId],
      );
      expect(late).toBe(0);
      expect(await shop.mismatches()).toEqual([]);
    });
  });

  it('a cancellation releases or has bought each hold, once', async () => {
    await withShop(undefined, async (shop) => {
      const buyers = 60;
      const [dropId, users] = await Promise.all([shop.createDrop({ total_stock: buyers }), shop.createUsers(buyers)]);
      const holds = await times(buyers, (index) => holdOf(shop, users[index] as TestUser, dropId));
      const purchases = times(buyers, (index) =>
        shop.purchase(users[index] as TestUser, holds[index] as string).then((response) => response),
      );
      const cancellations = await times(3, () => act(dropId, 'cancel').then((response) => response));
      expect(countResponses(cancellations)).toEqual({ '200': 3 });
      const counts = countResponses(await purchases);
      const sold = counts['201'] ?? 0;
      expect(counts).toEqual({
        ...(sold > 0 && { '201': sold }),
        ...(sold < buyers && { '410 reservation-settled': buyers - sold }),
      });
      expect(await stockOf(shop, dropId)).toEqual({ available: buyers - sold, reserved: 0, sold });
      const released = await count(
        shop,
        `SELECT count(*) FROM reservations WHERE drop_id = $1 AND status = 'released'`,
        [dropId],
      );
      expect(released).toBe(buyers - sold);
      expect(await shop.mismatches()).toEqual([]);
    });
  });
});

it('of thousands of reservations before the start none is granted, and the first ones after it are', async () => {
  const STOCK = 5;
  const BUYERS = 2_000;
  const dropId = await organiser.createDrop({ total_stock: STOCK, drop_starts_at: '2100-01-01' });
  const users = await organiser.createUsers(BUYERS);
  const reserve = (user: TestUser) => organiser.reserve(user, dropId).then((response) => response);
  const early: Response[] = [];
  for (let from = 0; from < BUYERS; from += 200) {
    early.push(...(await Promise.all(users.slice(from, from + 200).map(reserve))));
  }
  expect(countResponses(early)).toEqual({ '409 drop-not-started': BUYERS });
  expect(await count(organiser, 'SELECT count(*) FROM reservations WHERE drop_id = $1', [dropId])).toBe(0);

  const { rows } = await database.query<{ start: Date }>(
    `UPDATE drops SET drop_starts_at = clock_timestamp() + interval '300 ms' WHERE id = $1 RETURNING drop_starts_at AS start`,
    [dropId],
  );
  const responses: Response[] = [];
  while (!responses.some(({ status }) => status === 201)) {
    responses.push(...(await Promise.all(users.slice(0, 20).map(reserve))));
  }
  // Some of those may have been decided before the start.
  responses.push(...(await Promise.all(users.slice(0, 20).map(reserve))));
  expect(countResponses(responses)['201']).toBe(STOCK);
  const times = await database.query<{ early: boolean }>(
    'SELECT created_at < $2 AS early FROM reservations WHERE drop_id = $1',
    [dropId, rows[0]?.start],
  );
  expect(times.rows).toEqual(Array(STOCK).fill({ early: false }));
});

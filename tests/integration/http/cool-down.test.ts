import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { buy, expectProblem, expectSuccess, hold, ISO_UTC } from './support.js';

const SECONDS = 600;

let app: TestApp;
let user: TestUser;
let dropId: string;

beforeAll(async () => {
  app = await startTestApp({ env: { HOLD_COOL_DOWN_AFTER: '2', HOLD_COOL_DOWN_SECONDS: String(SECONDS) } });
});
afterAll(() => app.close());

/** Reserves and lets the time of the reservation end. No statement has reclaimed it then. */
async function letTimeEnd(buyer = user, id = dropId): Promise<void> {
  const { id: reservationId } = await hold(app, buyer, id);
  await app.expireHolds({ reservationId });
}

/** Inserts an unpaid hold that ended some seconds ago. */
async function insertUnpaid(secondsAgo: number, buyer = user, id = dropId): Promise<void> {
  await app.database.query(
    `INSERT INTO reservations (user_id, drop_id, status, settled_at)
     VALUES ($1, $2, 'expired', clock_timestamp() - make_interval(secs => $3))`,
    [buyer.id, id, secondsAgo],
  );
}

async function newBuyer(): Promise<void> {
  [user, dropId] = await Promise.all([app.createUser(), app.createDrop({ total_stock: 10 })]);
}

describe('after two unpaid holds of a drop', () => {
  beforeAll(async () => {
    await newBuyer();
    await letTimeEnd();
    await letTimeEnd();
  });

  it('the next reservation is refused, with the time of the next attempt', async () => {
    const before = Date.now();
    const response = await app.reserve(user, dropId);
    const { retryAt, detail } = expectProblem(response, 'cool-down');
    expect(detail).toBe(
      'Your last reservations of this drop were not paid for: you can reserve it again in 10 minutes',
    );
    expect(retryAt).toMatch(ISO_UTC);
    const seconds = Number(response.headers['retry-after']);
    expect(seconds).toBeGreaterThan(SECONDS - 60);
    expect(seconds).toBeLessThanOrEqual(SECONDS);
    expect(Date.parse(retryAt as string) - before).toBeGreaterThan((SECONDS - 60) * 1000);
    expect(await app.mismatches()).toEqual([]);
  });

  it('another drop can be reserved', async () => {
    await hold(app, user, await app.createDrop());
  });

  it('other users can reserve the drop', async () => {
    await hold(app, await app.createUser(), dropId);
  });
});

it('a second attempt after one unpaid hold is granted, and may be bought', async () => {
  await newBuyer();
  await letTimeEnd();
  await buy(app, user, dropId);
});

it('the drop can be reserved again once the earlier of the two is as old as the cool-down is long', async () => {
  await newBuyer();
  await insertUnpaid(SECONDS - 300);
  await insertUnpaid(1);
  const response = await app.reserve(user, dropId);
  expectProblem(response, 'cool-down');
  expect(Number(response.headers['retry-after'])).toBeLessThanOrEqual(300);

  await newBuyer();
  await insertUnpaid(SECONDS + 1);
  await insertUnpaid(1);
  await hold(app, user, dropId);
});

it('a purchase in between does not end the cool-down', async () => {
  await newBuyer();
  await letTimeEnd();
  await buy(app, user, dropId);
  await letTimeEnd();
  expectProblem(await app.reserve(user, dropId), 'cool-down');
});

it('a key of an earlier reservation is answered with it', async () => {
  await newBuyer();
  const { id } = await hold(app, user, dropId, 'key');
  await app.expireHolds({ reservationId: id });
  await letTimeEnd();
  expectProblem(await app.reserve(user, dropId, 'new'), 'cool-down');
  const { body, headers } = await app.reserve(user, dropId, 'key');
  expect(body.data.reservation).toMatchObject({ id, status: 'expired' });
  expect(headers['idempotency-replayed']).toBe('true');
});

describe('a hold counts', () => {
  /** What settles the user's hold, whose time has ended. */
  const ways: Record<string, () => Promise<unknown>> = {
    'reclaimed by the next attempt of its owner': () => Promise.resolve(),
    'swept by the worker': () => app.context.worker.runOnce(),
    'reclaimed by the reservation of another user': async () => hold(app, await app.createUser(), dropId),
    'reclaimed by the purchase of another user': async () => {
      const other = await app.createUser();
      const { id } = await hold(app, other, dropId);
      expectSuccess(await app.purchase(other, id), 201);
    },
    'reclaimed by the release of another user': async () => {
      const other = await app.createUser();
      const { id } = await hold(app, other, dropId);
      expectSuccess(await app.release(other, id), 200);
    },
    'reclaimed by an attempt to buy it': async () => {
      const { rows } = await app.database.query<{ id: string }>(
        "SELECT id FROM reservations WHERE user_id = $1 AND drop_id = $2 AND status = 'active'",
        [user.id, dropId],
      );
      expectProblem(await app.purchase(user, rows[0]?.id ?? ''), 'reservation-expired');
    },
    'set to expired by hand': () =>
      app.database.query("UPDATE reservations SET status = 'expired' WHERE user_id = $1 AND status = 'active'", [
        user.id,
      ]),
  };

  it.each(Object.keys(ways))('%s', async (way) => {
    await newBuyer();
    await insertUnpaid(1);
    await letTimeEnd();
    await ways[way]?.();
    expectProblem(await app.reserve(user, dropId), 'cool-down');
  });

  it('released by its owner', async () => {
    await newBuyer();
    for (const _ of [1, 2]) {
      const { id } = await hold(app, user, dropId);
      expectSuccess(await app.release(user, id), 200);
    }
    expectProblem(await app.reserve(user, dropId), 'cool-down');
  });
});

describe('a hold does not count', () => {
  it('that was bought', async () => {
    await newBuyer();
    await buy(app, user, dropId);
    await buy(app, user, dropId);
    await letTimeEnd();
    await hold(app, user, dropId);
  });

  it('of another drop', async () => {
    await newBuyer();
    const other = await app.createDrop();
    await insertUnpaid(1, user, other);
    await insertUnpaid(1, user, other);
    await hold(app, user, dropId);
  });
});

it('without a setting there is no cool-down outside of production', async () => {
  const without = await startTestApp({ database: app.database });
  try {
    await newBuyer();
    for (const age of [1, 2, 3]) await insertUnpaid(age);
    await hold(without, user, dropId);
  } finally {
    await without.close();
  }
});

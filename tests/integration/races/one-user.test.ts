import type { Response } from 'supertest';
import { describe, expect, it } from 'vitest';
import type { TestApp, TestUser } from '../../helpers/app.js';
import { untilWaiting, whileLocked } from '../../helpers/locks.js';
import { count, countResponses, holdOf, race, times, withoutLock, withServices } from './support.js';

const REQUESTS = 20;
const KEY = 'one-order';
/** Removes the second protection: at most one active hold per user and drop. */
const DROP_ONE_HOLD_INDEX = 'DROP INDEX reservations_active_user_id_drop_id_key';
const DROP_ONE_KEY_INDEX = 'DROP INDEX reservations_user_id_idempotency_key_key';

describe('twenty concurrent reservations of one user in one drop', () => {
  async function reserveTwentyTimes(app: TestApp, key?: string) {
    const [dropId, user] = await Promise.all([app.createDrop({ total_stock: 50 }), app.createUser()]);
    const responses = await race(app, dropId, () => times(REQUESTS, () => app.reserve(user, dropId, key)));
    return {
      responses: countResponses(responses),
      shown: new Set(responses.map(({ body }) => (body.data ?? body).reservation?.id)).size,
      holds: await count(app, `SELECT count(*) FROM reservations WHERE status = 'active'`),
      mismatches: await app.mismatches(),
    };
  }

  it('make one hold, which the refusals return', async () => {
    expect(await withServices({}, (app) => reserveTwentyTimes(app))).toEqual({
      responses: { '201': 1, '409 already-reserved': REQUESTS - 1 },
      shown: 1,
      holds: 1,
      mismatches: [],
    });
  });

  it('all return the one hold if they share a key', async () => {
    expect(await withServices({}, (app) => reserveTwentyTimes(app, KEY))).toEqual({
      responses: { '201': REQUESTS },
      shown: 1,
      holds: 1,
      mismatches: [],
    });
  });

  it.for([undefined, KEY])('make many holds without the lock and the unique indexes (key: %s)', async (key) => {
    const { holds, shown } = await withServices(
      { PgClient: withoutLock(), removedProtections: [DROP_ONE_HOLD_INDEX, DROP_ONE_KEY_INDEX] },
      (app) => reserveTwentyTimes(app, key),
    );
    expect(holds).toBeGreaterThan(1);
    expect(shown).toBeGreaterThan(1);
  });

  it('make one hold with only the unique index', async () => {
    const { responses, holds, mismatches } = await withServices({ PgClient: withoutLock() }, (app) =>
      reserveTwentyTimes(app),
    );
    expect({ granted: responses['201'], holds, mismatches }).toEqual({ granted: 1, holds: 1, mismatches: [] });
    expect(responses['500 internal-error']).toBeGreaterThan(0);
  });
});

describe('a user with a limit and many windows', () => {
  const LIMIT = 2;
  const WINDOWS = 10;
  const ROUNDS = 3;

  /** Each window reserves a unit, or takes the hold that the refusal returns, and purchases it. */
  async function buyInManyWindows(app: TestApp) {
    const [dropId, user] = await Promise.all([
      app.createDrop({ total_stock: 50, limit_per_user: LIMIT }),
      app.createUser(),
    ]);
    const windows = await race(app, dropId, () =>
      times(WINDOWS, async () => {
        const responses = [];
        for (let round = 0; round < ROUNDS; round += 1) {
          const reserved = await app.reserve(user, dropId);
          const hold = (reserved.body.data ?? reserved.body).reservation;
          responses.push(reserved, ...(hold ? [await app.purchase(user, hold.id)] : []));
        }
        return responses;
      }),
    );
    return {
      responses: Object.keys(countResponses(windows.flat())).sort(),
      bought: await count(app, 'SELECT count(*) FROM purchases'),
      holds: await count(app, `SELECT count(*) FROM reservations WHERE status = 'active'`),
      mismatches: await app.mismatches(),
    };
  }

  it('purchases no more than the limit', async () => {
    const { responses, ...rest } = await withServices({}, buyInManyWindows);
    expect(rest).toEqual({ bought: LIMIT, holds: 0, mismatches: [] });
    expect(['201', '409 already-reserved', '409 limit-reached', '410 reservation-settled']).toEqual(
      expect.arrayContaining(responses),
    );
    expect(responses).toContain('409 limit-reached');
  });

  it('purchases more than the limit without the lock and the unique index', async () => {
    const { bought } = await withServices(
      { PgClient: withoutLock(), removedProtections: [DROP_ONE_HOLD_INDEX] },
      buyInManyWindows,
    );
    expect(bought).toBeGreaterThan(LIMIT);
  });
});

/**
 * Runs two requests of a user concurrently. The user's row stays locked until both have searched for the key and wait: for the
 * row, or for the other request's entry in the unique index of keys.
 */
function raceWithLockedUser(app: TestApp, user: TestUser, requests: () => Promise<Response[]>): Promise<Response[]> {
  const lock = { sql: 'SELECT FROM users WHERE id = $1 FOR UPDATE', params: [user.id] };
  return whileLocked(app.database, lock, async ({ unlock }) => {
    const running = requests();
    await untilWaiting(app.database, 2);
    await unlock();
    return running;
  });
}

describe('two concurrent reservations in different drops with one key', () => {
  async function reserveTwoDrops(app: TestApp) {
    const [user, ...drops] = await Promise.all([app.createUser(), app.createDrop(), app.createDrop()]);
    const responses = await raceWithLockedUser(app, user, () =>
      Promise.all(drops.map((dropId) => app.reserve(user, dropId, KEY))),
    );
    return { responses: countResponses(responses), mismatches: await app.mismatches() };
  }

  it('hold a unit of one drop', async () => {
    expect(await withServices({}, reserveTwoDrops)).toEqual({
      responses: { '201': 1, '422 idempotency-key-reused': 1 },
      mismatches: [],
    });
  });

  // The locks of two drops do not exclude each other: the unique index is the only protection.
  it('hold a unit of both drops without the unique index', async () => {
    const removedProtections = ['DROP INDEX reservations_user_id_idempotency_key_key'];
    expect((await withServices({ removedProtections }, reserveTwoDrops)).responses).toEqual({ '201': 2 });
  });
});

describe('two concurrent purchases of different holds with one key', () => {
  async function buyTwoHolds(app: TestApp) {
    const [user, ...drops] = await Promise.all([app.createUser(), app.createDrop(), app.createDrop()]);
    const holds = await Promise.all(drops.map((dropId) => holdOf(app, user, dropId)));
    const responses = await raceWithLockedUser(app, user, () =>
      Promise.all(holds.map((hold) => app.purchase(user, hold, KEY))),
    );
    return { responses: countResponses(responses), mismatches: await app.mismatches() };
  }

  it('sell one of the units', async () => {
    expect(await withServices({}, buyTwoHolds)).toEqual({
      responses: { '201': 1, '422 idempotency-key-reused': 1 },
      mismatches: [],
    });
  });

  it('sell both units without the unique index', async () => {
    const removedProtections = ['DROP INDEX purchases_user_id_idempotency_key_key'];
    expect((await withServices({ removedProtections }, buyTwoHolds)).responses).toEqual({ '201': 2 });
  });
});

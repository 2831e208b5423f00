import { describe, expect, it } from 'vitest';
import type { Response } from 'supertest';
import type { TestApp, TestUser } from '../../helpers/app.js';
import { untilWaiting, whileLocked } from '../../helpers/locks.js';
import { holdOf, tally, under } from './support.js';

const KEY = 'one-order';

/**
 * Lets two requests of a user race: the user's row is held until both stand before it, which is after they have looked
 * for their key, or one before it and one behind the other in the unique index of the keys.
 */
function raceOfUser(app: TestApp, user: TestUser, requests: () => Promise<Response[]>): Promise<Response[]> {
  const lock = { sql: 'SELECT FROM users WHERE id = $1 FOR UPDATE', params: [user.id] };
  return whileLocked(app.database, lock, async ({ letGo }) => {
    const running = requests();
    await untilWaiting(app.database, 2);
    await letGo();
    return running;
  });
}

describe('one key for two drops at once', () => {
  async function reserveTwoDrops(app: TestApp) {
    const [user, ...drops] = await Promise.all([app.createUser(), app.createDrop(), app.createDrop()]);
    const answers = await raceOfUser(app, user, () =>
      Promise.all(drops.map((dropId) => app.reserve(user, dropId, KEY))),
    );
    return { answers: tally(answers), mismatches: await app.mismatches() };
  }

  it('holds a unit of one of them', async () => {
    expect(await under({}, reserveTwoDrops)).toEqual({
      answers: { '201': 1, '422 idempotency-key-reused': 1 },
      mismatches: [],
    });
  });

  // No lock of a drop stands between two drops: here the unique index is the protection.
  it('holds a unit of both without the unique index', async () => {
    const without = ['DROP INDEX reservations_user_id_idempotency_key_key'];
    expect((await under({ without }, reserveTwoDrops)).answers).toEqual({ '201': 2 });
  });
});

describe('one key for two holds at once', () => {
  async function buyTwoHolds(app: TestApp) {
    const [user, ...drops] = await Promise.all([app.createUser(), app.createDrop(), app.createDrop()]);
    const holds = await Promise.all(drops.map((dropId) => holdOf(app, user, dropId)));
    const answers = await raceOfUser(app, user, () => Promise.all(holds.map((hold) => app.purchase(user, hold, KEY))));
    return { answers: tally(answers), mismatches: await app.mismatches() };
  }

  it('buys one of them', async () => {
    expect(await under({}, buyTwoHolds)).toEqual({
      answers: { '201': 1, '422 idempotency-key-reused': 1 },
      mismatches: [],
    });
  });

  it('buys both without the unique index', async () => {
    const without = ['DROP INDEX purchases_user_id_idempotency_key_key'];
    expect((await under({ without }, buyTwoHolds)).answers).toEqual({ '201': 2 });
  });
});

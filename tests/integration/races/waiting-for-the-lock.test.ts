import { describe, expect, it } from 'vitest';
import type { Response } from 'supertest';
import type { TestApp } from '../../helpers/app.js';
import { rowOfDrop, until, untilWaiting, whileLocked } from '../../helpers/locks.js';
import { withoutProtection } from '../../helpers/without-protection.js';
import { count, holdOf, stockOf, tally, under } from './support.js';

/** The clock that stands still from the beginning of a transaction, in place of the one that goes on. */
const withStandingClock = () => withoutProtection(/clock_timestamp\(\)/g, 'now()');
const OVERDUE = `SELECT count(*) FROM reservations WHERE expires_at <= clock_timestamp()`;

/** Makes a request wait for the drop's lock until the drop's only hold is over. */
function acrossTheDeadline(app: TestApp, dropId: string, request: () => PromiseLike<Response>): Promise<Response> {
  return whileLocked(app.database, rowOfDrop(dropId), async ({ letGo }) => {
    await app.database.query(`UPDATE reservations SET expires_at = clock_timestamp() + interval '1 second'`);
    const answer = Promise.resolve(request());
    await untilWaiting(app.database);
    // So that the request began while the hold was running.
    expect(await count(app, OVERDUE)).toBe(0);
    await until('the deadline to pass', async () => (await count(app, OVERDUE)) === 1);
    await letGo();
    return answer;
  });
}

describe('a purchase that waits for the lock while its hold ends', () => {
  async function buyTooLate(app: TestApp) {
    const [dropId, owner] = await Promise.all([app.createDrop(), app.createUser()]);
    const hold = await holdOf(app, owner, dropId);
    const answer = await acrossTheDeadline(app, dropId, () => app.purchase(owner, hold));
    return { answer: tally([answer]), stock: await stockOf(app, dropId), mismatches: await app.mismatches() };
  }

  it('is refused', async () => {
    expect(await under({}, buyTooLate)).toEqual({
      answer: { '410 reservation-expired': 1 },
      stock: { available: 10, reserved: 0, sold: 0 },
      mismatches: [],
    });
  });

  it('is served if the clock stands still while it waits', async () => {
    expect((await under({ PgClient: withStandingClock() }, buyTooLate)).answer).toEqual({ '201': 1 });
  });
});

describe('a buyer who waits for the lock while the hold of the last unit ends', () => {
  async function reserveTheLastUnit(app: TestApp) {
    const [dropId, owner, buyer] = await Promise.all([
      app.createDrop({ total_stock: 1 }),
      app.createUser(),
      app.createUser(),
    ]);
    await holdOf(app, owner, dropId);
    const answer = await acrossTheDeadline(app, dropId, () => app.reserve(buyer, dropId));
    return { answer: tally([answer]), mismatches: await app.mismatches() };
  }

  it('gets it, without a worker', async () => {
    expect(await under({}, reserveTheLastUnit)).toEqual({ answer: { '201': 1 }, mismatches: [] });
  });

  it('is told "sold out" if the clock stands still while it waits', async () => {
    const { answer } = await under({ PgClient: withStandingClock() }, reserveTheLastUnit);
    expect(answer).toEqual({ '409 sold-out': 1 });
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import type { Response } from 'supertest';
import { describe, expect, it } from 'vitest';
import type { TestApp } from '../../helpers/app.js';
import { rowOfDrop, until, untilWaiting, whileLocked } from '../../helpers/locks.js';
import { heardAll, listenTo } from '../../helpers/sockets.js';
import { withoutProtection, withPause } from '../../helpers/without-protection.js';
import { count, holdOf, stockOf, tally, times, under, WHILE_IT_RUNS, withoutLock } from './support.js';

const WITH_WORKER = { ROLE: 'all' };
/** Pauses after the reclaim of overdue holds and before the check of the deadline. */
const pause = () =>
  withPause(
    /(?<=UPDATE reservations r\s[^]*FROM )clock_timestamp\(\) AS t/,
    '(SELECT clock_timestamp() AS t FROM pg_sleep(0.8)) AS later',
  );
/** Removes the second protection: a settled hold stays settled, and reserved stock is never negative. */
const WITHOUT_SECOND_LINE = [
  'DROP TRIGGER reservations_before_write ON reservations',
  'ALTER TABLE reservations DROP CONSTRAINT reservations_settled_when_not_active',
  'ALTER TABLE drops DROP CONSTRAINT drops_reserved_stock_not_negative',
];

interface Timing {
  readonly drops: number;
  /** Milliseconds until each hold's deadline. */
  readonly deadlines: readonly number[];
  /** Milliseconds from each hold's deadline to its purchase; negative: before the deadline. */
  readonly buyAfter: (index: number) => number;
}

/** Purchases holds around their deadline while the worker sweeps. */
async function buyAtTheDeadline(app: TestApp, { drops, deadlines, buyAfter }: Timing) {
  const dropIds = await times(drops, () => app.createDrop({ total_stock: deadlines.length }));
  const owners = await app.createUsers(deadlines.length);
  const holds = await Promise.all(
    owners.map(async (owner, index) => ({ owner, id: await holdOf(app, owner, dropIds[index % drops] ?? '') })),
  );
  const listener = await listenTo(app);
  await app.database.query(
    `UPDATE reservations r SET expires_at = clock_timestamp() + make_interval(secs => ms / 1000.0)
     FROM unnest($1::uuid[], $2::float8[]) AS deadline (id, ms) WHERE r.id = deadline.id`,
    [holds.map(({ id }) => id), deadlines],
  );
  const answers = await Promise.all(
    holds.map(async ({ owner, id }, index) => {
      await sleep((deadlines[index] ?? 0) + buyAfter(index));
      return app.purchase(owner, id);
    }),
  );
  await until('no hold that is over', async () => (await count(app, OVERDUE)) === 0);
  await heardAll(app, listener);
  listener.close();

  const purchased = new Set(answers.flatMap(({ status, body }) => (status === 201 ? [body.data.reservationId] : [])));
  const expired = listener.heard('reservation_update').map(({ reservationId }) => reservationId);
  return {
    answers: tally(answers),
    purchased: purchased.size,
    expired: expired.length,
    both: expired.filter((id) => purchased.has(id)).length,
    late: await count(app, LATE),
    mismatches: await app.mismatches(),
  };
}

const OVERDUE = `SELECT count(*) FROM reservations WHERE status = 'active' AND expires_at <= clock_timestamp()`;
const LATE = `SELECT count(*) FROM purchases p JOIN reservations r ON r.id = p.reservation_id WHERE p.created_at >= r.expires_at`;

const HOLDS = 40;
/** Most purchases start within 100 ms of the deadline, the others 5 s before it. */
const around: Timing = {
  drops: 4,
  deadlines: Array.from({ length: HOLDS }, (_, index) => (index % 8 === 0 ? 5_000 : 300 + 15 * index)),
  buyAfter: (index) => [-5_000, -100, -30, -15, -5, 0, 5, 30][index % 8] ?? 0,
};
/** All purchases start 500 ms before the deadline, which passes during the pause. */
const within: Timing = { drops: 8, deadlines: Array.from({ length: 8 }, () => 500), buyAfter: () => -500 };
/** All purchases start 50 ms after the deadline. */
const after: Timing = { drops: 2, deadlines: Array.from({ length: 10 }, () => 50), buyAfter: () => 50 };

describe('holds with a purchase around their deadline', () => {
  it('are either purchased in time or expire', async () => {
    const { answers, purchased, expired, ...rest } = await under({ env: WITH_WORKER, services: 1 }, (app) =>
      buyAtTheDeadline(app, around),
    );
    expect(rest).toEqual({ both: 0, late: 0, mismatches: [] });
    expect(purchased + expired).toBe(HOLDS);
    expect(purchased).toBeGreaterThan(0);
    expect(expired).toBeGreaterThan(0);
    expect(answers).toEqual({ '201': purchased, '410 reservation-expired': expired });
  });

  it('are not sold if the deadline passes during the purchase', async () => {
    const outcome = await under({ PgClient: pause(), env: WITH_WORKER, services: 1 }, (app) =>
      buyAtTheDeadline(app, within),
    );
    expect(outcome).toEqual({
      answers: { '410 reservation-expired': 8 },
      purchased: 0,
      expired: 8,
      both: 0,
      late: 0,
      mismatches: [],
    });
  });

  it('are sold late without the condition on the deadline', async () => {
    const PgClient = withoutProtection(/ AND r\.expires_at > (t|clock_timestamp\(\))/g, '', pause());
    const { late } = await under({ PgClient, env: WITH_WORKER, services: 1 }, (app) => buyAtTheDeadline(app, within));
    expect(late).toBeGreaterThan(0);
  });

  it('are not sold after they have expired', async () => {
    expect(await under({ services: 1 }, (app) => buyAtTheDeadline(app, after))).toEqual({
      answers: { '410 reservation-expired': 10 },
      purchased: 0,
      expired: 10,
      both: 0,
      late: 0,
      mismatches: [],
    });
  });

  it('are both sold and reclaimed without the lock and the condition on their status', async () => {
    const PgClient = withoutProtection(WHILE_IT_RUNS, '', withoutLock(pause()));
    const conditions = { PgClient, without: WITHOUT_SECOND_LINE, env: WITH_WORKER, services: 1 };
    const outcome = await under(conditions, (app) => buyAtTheDeadline(app, within));
    expect(outcome.both).toBeGreaterThan(0);
    expect(outcome.mismatches).not.toEqual([]);
  });

  it('are not both sold and reclaimed with only the lock or only the condition', async () => {
    for (const PgClient of [withoutLock(pause()), withoutProtection(WHILE_IT_RUNS, '', pause())]) {
      const conditions = { PgClient, without: WITHOUT_SECOND_LINE, env: WITH_WORKER, services: 1 };
      expect(await under(conditions, (app) => buyAtTheDeadline(app, within))).toMatchObject({
        both: 0,
        mismatches: [],
      });
    }
  });
});

/** Replaces the current time by the start time of the transaction. */
const withStandingClock = () => withoutProtection(/clock_timestamp\(\)/g, 'now()');

/** Makes a request wait for the drop's lock until the deadline of the drop's only hold has passed. */
function acrossTheDeadline(app: TestApp, dropId: string, request: () => PromiseLike<Response>): Promise<Response> {
  return whileLocked(app.database, rowOfDrop(dropId), async ({ letGo }) => {
    await app.database.query(`UPDATE reservations SET expires_at = clock_timestamp() + interval '1 second'`);
    const answer = Promise.resolve(request());
    await untilWaiting(app.database);
    // The request begins before the deadline.
    expect(await count(app, OVERDUE)).toBe(0);
    await until('the deadline to pass', async () => (await count(app, OVERDUE)) === 1);
    await letGo();
    return answer;
  });
}

describe('a purchase that waits for the lock past the deadline of its hold', () => {
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

  it('is granted if the service uses the start time of the transaction', async () => {
    expect((await under({ PgClient: withStandingClock() }, buyTooLate)).answer).toEqual({ '201': 1 });
  });
});

describe('a reservation that waits for the lock past the deadline of the hold on the last unit', () => {
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

  it('is granted without a worker', async () => {
    expect(await under({}, reserveTheLastUnit)).toEqual({ answer: { '201': 1 }, mismatches: [] });
  });

  it('is refused as sold out if the service uses the start time of the transaction', async () => {
    const { answer } = await under({ PgClient: withStandingClock() }, reserveTheLastUnit);
    expect(answer).toEqual({ '409 sold-out': 1 });
  });
});

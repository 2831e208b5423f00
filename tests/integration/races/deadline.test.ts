import { setTimeout as sleep } from 'node:timers/promises';
import type { Response } from 'supertest';
import { describe, expect, it } from 'vitest';
import type { TestApp } from '../../helpers/app.js';
import { dropRowLock, until, untilWaiting, whileLocked } from '../../helpers/locks.js';
import { listenTo, receivedAll } from '../../helpers/sockets.js';
import { withoutProtection, withPause } from '../../helpers/without-protection.js';
import {
  ACTIVE_HOLD_CONDITION,
  count,
  countResponses,
  holdOf,
  stockOf,
  times,
  withoutLock,
  withServices,
} from './support.js';

const WITH_WORKER = { ROLE: 'all' };
/** Pauses after the reclaim of overdue holds and before the check of the deadline. */
const slowWrites = () =>
  withPause(
    /(?<=UPDATE reservations r\s[^]*FROM )clock_timestamp\(\) AS t/,
    '(SELECT clock_timestamp() AS t FROM pg_sleep(0.8)) AS later',
  );
/** Removes the second protection: a settled hold stays settled, and reserved stock is never negative. */
const DROP_CONSTRAINTS = [
  'DROP TRIGGER reservations_before_write ON reservations',
  'ALTER TABLE reservations DROP CONSTRAINT reservations_settled_when_not_active',
  'ALTER TABLE drops DROP CONSTRAINT drops_reserved_stock_not_negative',
];

interface Timing {
  readonly drops: number;
  /** Time until each hold's deadline. */
  readonly deadlinesMs: readonly number[];
  /** Time from each hold's deadline to its purchase; negative: before the deadline. */
  readonly purchaseOffsetMs: (index: number) => number;
}

/** Purchases holds around their deadline while the worker sweeps. */
async function buyAtTheDeadline(app: TestApp, { drops, deadlinesMs, purchaseOffsetMs }: Timing) {
  const dropIds = await times(drops, () => app.createDrop({ total_stock: deadlinesMs.length }));
  const owners = await app.createUsers(deadlinesMs.length);
  const holds = await Promise.all(
    owners.map(async (owner, index) => ({ owner, id: await holdOf(app, owner, dropIds[index % drops] ?? '') })),
  );
  const listener = await listenTo(app);
  await app.database.query(
    `UPDATE reservations r SET expires_at = clock_timestamp() + make_interval(secs => ms / 1000.0)
     FROM unnest($1::uuid[], $2::float8[]) AS deadline (id, ms) WHERE r.id = deadline.id`,
    [holds.map(({ id }) => id), deadlinesMs],
  );
  const responses = await Promise.all(
    holds.map(async ({ owner, id }, index) => {
      await sleep((deadlinesMs[index] ?? 0) + purchaseOffsetMs(index));
      return app.purchase(owner, id);
    }),
  );
  await until('no hold to be overdue', async () => (await count(app, OVERDUE_HOLDS)) === 0);
  await receivedAll(app, listener);
  listener.close();

  const purchased = new Set(responses.flatMap(({ status, body }) => (status === 201 ? [body.data.reservationId] : [])));
  const expired = listener.received('reservation_update').map(({ reservationId }) => reservationId);
  return {
    responses: countResponses(responses),
    purchased: purchased.size,
    expired: expired.length,
    both: expired.filter((id) => purchased.has(id)).length,
    late: await count(app, LATE_PURCHASES),
    mismatches: await app.mismatches(),
  };
}

const OVERDUE_HOLDS = `SELECT count(*) FROM reservations WHERE status = 'active' AND expires_at <= clock_timestamp()`;
const LATE_PURCHASES = `SELECT count(*) FROM purchases p JOIN reservations r ON r.id = p.reservation_id WHERE p.created_at >= r.expires_at`;

const HOLDS = 40;
/** Most purchases start within 100 ms of the deadline, the others 5 s before it. */
const aroundDeadline: Timing = {
  drops: 4,
  deadlinesMs: Array.from({ length: HOLDS }, (_, index) => (index % 8 === 0 ? 5_000 : 300 + 15 * index)),
  purchaseOffsetMs: (index) => [-5_000, -100, -30, -15, -5, 0, 5, 30][index % 8] ?? 0,
};
/** All purchases start 500 ms before the deadline, which passes during the pause. */
const beforeDeadline: Timing = {
  drops: 8,
  deadlinesMs: Array.from({ length: 8 }, () => 500),
  purchaseOffsetMs: () => -500,
};
/** All purchases start 50 ms after the deadline. */
const afterDeadline: Timing = {
  drops: 2,
  deadlinesMs: Array.from({ length: 10 }, () => 50),
  purchaseOffsetMs: () => 50,
};

describe('holds with a purchase around their deadline', () => {
  it('are either purchased in time or expire', async () => {
    const { responses, purchased, expired, ...rest } = await withServices({ env: WITH_WORKER, services: 1 }, (app) =>
      buyAtTheDeadline(app, aroundDeadline),
    );
    expect(rest).toEqual({ both: 0, late: 0, mismatches: [] });
    expect(purchased + expired).toBe(HOLDS);
    expect(purchased).toBeGreaterThan(0);
    expect(expired).toBeGreaterThan(0);
    expect(responses).toEqual({ '201': purchased, '410 reservation-expired': expired });
  });

  it('are not sold if the deadline passes during the purchase', async () => {
    const outcome = await withServices({ PgClient: slowWrites(), env: WITH_WORKER, services: 1 }, (app) =>
      buyAtTheDeadline(app, beforeDeadline),
    );
    expect(outcome).toEqual({
      responses: { '410 reservation-expired': 8 },
      purchased: 0,
      expired: 8,
      both: 0,
      late: 0,
      mismatches: [],
    });
  });

  it('are sold late without the condition on the deadline', async () => {
    const PgClient = withoutProtection(/ AND r\.expires_at > (t|clock_timestamp\(\))/g, '', slowWrites());
    const { late } = await withServices({ PgClient, env: WITH_WORKER, services: 1 }, (app) =>
      buyAtTheDeadline(app, beforeDeadline),
    );
    expect(late).toBeGreaterThan(0);
  });

  it('are not sold after they have expired', async () => {
    expect(await withServices({ services: 1 }, (app) => buyAtTheDeadline(app, afterDeadline))).toEqual({
      responses: { '410 reservation-expired': 10 },
      purchased: 0,
      expired: 10,
      both: 0,
      late: 0,
      mismatches: [],
    });
  });

  it('are both sold and reclaimed without the lock and the condition on their status', async () => {
    const PgClient = withoutProtection(ACTIVE_HOLD_CONDITION, '', withoutLock(slowWrites()));
    const conditions = { PgClient, removedProtections: DROP_CONSTRAINTS, env: WITH_WORKER, services: 1 };
    const outcome = await withServices(conditions, (app) => buyAtTheDeadline(app, beforeDeadline));
    expect(outcome.both).toBeGreaterThan(0);
    expect(outcome.mismatches).not.toEqual([]);
  });

  it('are not both sold and reclaimed with only the lock or only the condition', async () => {
    for (const PgClient of [withoutLock(slowWrites()), withoutProtection(ACTIVE_HOLD_CONDITION, '', slowWrites())]) {
      const conditions = { PgClient, removedProtections: DROP_CONSTRAINTS, env: WITH_WORKER, services: 1 };
      expect(await withServices(conditions, (app) => buyAtTheDeadline(app, beforeDeadline))).toMatchObject({
        both: 0,
        mismatches: [],
      });
    }
  });
});

/** Replaces the current time by the start time of the transaction. */
const withTransactionClock = () => withoutProtection(/clock_timestamp\(\)/g, 'now()');

/** Makes a request wait for the drop's lock until the deadline of the drop's only hold has passed. */
function requestAcrossDeadline(app: TestApp, dropId: string, request: () => PromiseLike<Response>): Promise<Response> {
  return whileLocked(app.database, dropRowLock(dropId), async ({ unlock }) => {
    await app.database.query(`UPDATE reservations SET expires_at = clock_timestamp() + interval '1 second'`);
    const response = Promise.resolve(request());
    await untilWaiting(app.database);
    // The request begins before the deadline.
    expect(await count(app, OVERDUE_HOLDS)).toBe(0);
    await until('the deadline to pass', async () => (await count(app, OVERDUE_HOLDS)) === 1);
    await unlock();
    return response;
  });
}

describe('a purchase that waits for the lock past the deadline of its hold', () => {
  async function buyTooLate(app: TestApp) {
    const [dropId, owner] = await Promise.all([app.createDrop(), app.createUser()]);
    const hold = await holdOf(app, owner, dropId);
    const response = await requestAcrossDeadline(app, dropId, () => app.purchase(owner, hold));
    return {
      response: countResponses([response]),
      stock: await stockOf(app, dropId),
      mismatches: await app.mismatches(),
    };
  }

  it('is refused', async () => {
    expect(await withServices({ services: 1 }, buyTooLate)).toEqual({
      response: { '410 reservation-expired': 1 },
      stock: { available: 10, reserved: 0, sold: 0 },
      mismatches: [],
    });
  });

  it('is granted if the service uses the start time of the transaction', async () => {
    expect((await withServices({ PgClient: withTransactionClock(), services: 1 }, buyTooLate)).response).toEqual({
      '201': 1,
    });
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
    const response = await requestAcrossDeadline(app, dropId, () => app.reserve(buyer, dropId));
    return { response: countResponses([response]), mismatches: await app.mismatches() };
  }

  it('is granted without a worker', async () => {
    expect(await withServices({ services: 1 }, reserveTheLastUnit)).toEqual({ response: { '201': 1 }, mismatches: [] });
  });

  it('is refused as sold out if the service uses the start time of the transaction', async () => {
    const { response } = await withServices({ PgClient: withTransactionClock(), services: 1 }, reserveTheLastUnit);
    expect(response).toEqual({ '409 sold-out': 1 });
  });
});

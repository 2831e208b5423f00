import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { TestApp } from '../../helpers/app.js';
import { until } from '../../helpers/locks.js';
import { heardAll, listenTo } from '../../helpers/sockets.js';
import { withoutProtection, withPause } from '../../helpers/without-protection.js';
import { count, holdOf, tally, times, under } from './support.js';

const WITH_WORKER = { ROLE: 'all' };
/** After the overdue holds were released, and before the deadline is looked at. */
const pause = () =>
  withPause(
    /(?<=UPDATE reservations r\s[^]*FROM )clock_timestamp\(\) AS t/,
    '(SELECT clock_timestamp() AS t FROM pg_sleep(0.6)) AS later',
  );
/** The second line: a settled hold is settled for good, and no more units are sold than are held. */
const WITHOUT_SECOND_LINE = [
  'DROP TRIGGER reservations_before_write ON reservations',
  'ALTER TABLE reservations DROP CONSTRAINT reservations_settled_when_not_active',
  'ALTER TABLE drops DROP CONSTRAINT drops_reserved_stock_not_negative',
];

interface Timing {
  readonly drops: number;
  /** ms until each hold's deadline. */
  readonly deadlines: readonly number[];
  /** ms after its deadline when each hold is bought; less than 0: before. */
  readonly buyAfter: (index: number) => number;
}

/** Holds that end in a moment, each bought around that moment, while the worker sweeps. */
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
/** Each bought up to 15 ms before or after its deadline. */
const around: Timing = {
  drops: 4,
  deadlines: Array.from({ length: HOLDS }, (_, index) => 50 + 15 * index),
  buyAfter: (index) => ((index * 7) % 31) - 15,
};
/** All bought well before their deadline, which then passes in the pause. */
const within: Timing = { drops: 8, deadlines: Array.from({ length: 8 }, () => 300), buyAfter: () => -300 };
/** All bought after their deadline. */
const after: Timing = { drops: 2, deadlines: Array.from({ length: 10 }, () => 50), buyAfter: () => 50 };

it('lets each hold be either bought in time or expire', async () => {
  const { answers, purchased, expired, ...rest } = await under({ env: WITH_WORKER }, (app) =>
    buyAtTheDeadline(app, around),
  );
  expect(rest).toEqual({ both: 0, late: 0, mismatches: [] });
  expect(purchased + expired).toBe(HOLDS);
  expect(answers).toEqual({
    ...(purchased && { '201': purchased }),
    ...(expired && { '410 reservation-expired': expired }),
  });
});

it('sells nothing whose deadline passed while the purchase was under way', async () => {
  const outcome = await under({ PgClient: pause(), env: WITH_WORKER }, (app) => buyAtTheDeadline(app, within));
  expect(outcome).toEqual({
    answers: { '410 reservation-expired': 8 },
    purchased: 0,
    expired: 8,
    both: 0,
    late: 0,
    mismatches: [],
  });
});

it('sells it late without the condition on the deadline', async () => {
  const PgClient = withoutProtection(' AND r.expires_at > t', '', pause());
  const { late } = await under({ PgClient, env: WITH_WORKER }, (app) => buyAtTheDeadline(app, within));
  expect(late).toBeGreaterThan(0);
});

it('sells nothing that has expired', async () => {
  expect(await under({}, (app) => buyAtTheDeadline(app, after))).toEqual({
    answers: { '410 reservation-expired': 10 },
    purchased: 0,
    expired: 10,
    both: 0,
    late: 0,
    mismatches: [],
  });
});

it('sells what has expired, and lets it expire, without the condition on the state', async () => {
  const PgClient = withoutProtection(` AND r.status = 'active' AND r.expires_at > t`, '');
  const outcome = await under({ PgClient, without: WITHOUT_SECOND_LINE }, (app) => buyAtTheDeadline(app, after));
  expect(outcome.both).toBeGreaterThan(0);
  expect(outcome.mismatches).not.toEqual([]);
});

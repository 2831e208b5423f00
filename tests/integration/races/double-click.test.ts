import { expect, it } from 'vitest';
import type { TestApp } from '../../helpers/app.js';
import { heardAll, listenTo } from '../../helpers/sockets.js';
import { withoutProtection } from '../../helpers/without-protection.js';
import { count, holdOf, race, stockOf, tally, times, under } from './support.js';

const CLICKS = 20;
const withoutCondition = () => withoutProtection(`AND r.status = 'active' AND r.expires_at > t`, '');
/** The second line: a settled hold is settled for good, has at most one purchase, and no more is sold than is held. */
const WITHOUT_SECOND_LINE = [
  'DROP TRIGGER reservations_before_write ON reservations',
  'DROP INDEX purchases_reservation_id_key',
  'ALTER TABLE drops DROP CONSTRAINT drops_reserved_stock_not_negative',
];

async function clickTwentyTimes(app: TestApp, key?: string) {
  const [dropId, user] = await Promise.all([app.createDrop({ total_stock: 5 }), app.createUser()]);
  const listener = await listenTo(app);
  const hold = await holdOf(app, user, dropId);
  const answers = await race(app, dropId, () => times(CLICKS, () => app.purchase(user, hold, key)));
  await heardAll(app, listener);
  listener.close();
  return {
    answers: tally(answers),
    bought: new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.data.id)).size,
    replays: answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true').length,
    rows: await count(app, 'SELECT count(*) FROM purchases'),
    announced: listener.heard('purchase_update').length,
    stock: await stockOf(app, dropId),
    mismatches: await app.mismatches(),
  };
}

const once = { bought: 1, rows: 1, announced: 1, stock: { available: 4, reserved: 0, sold: 1 }, mismatches: [] };

it('sells a hold once, however often its owner clicks', async () => {
  expect(await under({}, (app) => clickTwentyTimes(app))).toEqual({
    ...once,
    answers: { '201': 1, '410 reservation-settled': CLICKS - 1 },
    replays: 0,
  });
});

it('answers every click with the one purchase, if they share a key', async () => {
  expect(await under({}, (app) => clickTwentyTimes(app, 'one-order'))).toEqual({
    ...once,
    answers: { '201': CLICKS },
    replays: CLICKS - 1,
  });
});

it('sells a hold many times without the condition on its state', async () => {
  const outcome = await under({ PgClient: withoutCondition(), without: WITHOUT_SECOND_LINE }, (app) =>
    clickTwentyTimes(app),
  );
  expect(outcome.rows).toBeGreaterThan(1);
  expect(outcome.stock.sold).toBe(outcome.rows);
  expect(outcome.mismatches).not.toEqual([]);
});

it('sells a hold many times for one key without the condition and the unique key', async () => {
  const outcome = await under(
    {
      PgClient: withoutCondition(),
      without: [...WITHOUT_SECOND_LINE, 'DROP INDEX purchases_user_id_idempotency_key_key'],
    },
    (app) => clickTwentyTimes(app, 'one-order'),
  );
  expect(outcome.rows).toBeGreaterThan(1);
  expect(outcome.bought).toBeGreaterThan(1);
  expect(outcome.announced).toBe(outcome.rows);
});

it('still sells a hold once with the database alone', async () => {
  const outcome = await under({ PgClient: withoutCondition() }, (app) => clickTwentyTimes(app));
  expect(outcome).toMatchObject(once);
  // Refused by the database and not foreseen by the service.
  expect(outcome.answers['500 internal-error']).toBe(CLICKS - 1);
});

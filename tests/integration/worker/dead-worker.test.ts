import { expect, it } from 'vitest';
import type { TestApp } from '../../helpers/app.js';
import { withoutProtection, type RewritingClient } from '../../helpers/without-protection.js';
import { FULL, outcomesOf, servicesOf, tally } from '../batches/support.js';
import { tally as tallyAnswers, stockOf, times, under } from '../races/support.js';
import { startServiceProcess } from './processes.js';
import { dropWithOverdueHolds, holdsOf } from './support.js';

/** Lets the holds of a drop have ended ten minutes ago: the clock is the database's, so the deadlines move. */
async function tenMinutesPass(app: TestApp, dropId: string): Promise<void> {
  await app.database.query(
    `UPDATE reservations SET created_at = created_at - interval '11 minutes', expires_at = expires_at - interval '11 minutes'
     WHERE drop_id = $1`,
    [dropId],
  );
}

/** The worker dies, ten minutes pass, and only then the owner wants to buy, and another buyer a unit. */
async function withoutWorkerForTenMinutes(app: TestApp) {
  const worker = await startServiceProcess(app.database);
  const [dropId, [owner, buyer]] = await Promise.all([app.createDrop({ total_stock: 1 }), app.createUsers(2)]);
  if (!owner || !buyer) throw new Error('two users');
  const { body } = await app.reserve(owner, dropId).expect(201);
  await worker.end();
  await tenMinutesPass(app, dropId);

  const { body: mine } = await app.http.get('/api/reservations').auth(owner.token, { type: 'bearer' });
  const purchase = await app.purchase(owner, body.data.reservation.id);
  const reservation = await app.reserve(buyer, dropId);
  return {
    listed: mine.data.length,
    answers: [purchase, reservation].map((answer) => Object.keys(tallyAnswers([answer]))[0]),
    stock: await stockOf(app, dropId),
    mismatches: await app.mismatches(),
  };
}

/** Those who take the drop's lock release nothing. */
const withoutRelease = (Base?: RewritingClient) =>
  withoutProtection(/r\.expires_at <= \(SELECT t FROM horizon\)|held\.expires_at <= \(SELECT t FROM horizon\)/g, 'false', Base); // prettier-ignore

it('nobody buys a hold that ended ten minutes ago, and its unit is free', async () => {
  expect(await under({ services: 1 }, withoutWorkerForTenMinutes)).toEqual({
    listed: 0,
    answers: ['410 reservation-expired', '201'],
    stock: { available: 0, reserved: 1, sold: 0 },
    mismatches: [],
  });
});

it('its unit would not be free if only the worker gave it back', async () => {
  const { answers } = await under({ services: 1, PgClient: withoutRelease() }, withoutWorkerForTenMinutes);
  expect(answers).toEqual(['410 reservation-expired', '409 sold-out']);
});

it('it would be sold without the condition on its deadline', async () => {
  const PgClient = withoutProtection(/ AND r\.expires_at > (t|clock_timestamp\(\))/g, '', withoutRelease());
  const { answers } = await under({ services: 1, PgClient }, withoutWorkerForTenMinutes);
  expect(answers).toEqual(['201', '409 sold-out']);
});

/** Three full batches of buyers at once, by three services, for as many units, all of which overdue holds still have. */
async function crowdAfterTheWorker(app: TestApp, apps: readonly TestApp[]) {
  const dropId = await dropWithOverdueHolds(app, 3 * FULL);
  const outcomes = await times(3, async (index) => {
    const { reserve } = servicesOf(apps[index] ?? app);
    const buyers = await app.createUsers(FULL);
    return outcomesOf(buyers.map((buyer) => reserve(buyer, dropId)));
  });
  return { outcomes: tally(outcomes.flat()), holds: await holdsOf(app, dropId), mismatches: await app.mismatches() };
}

it('a crowd gets every unit that overdue holds have, though no batch releases more than it needs', async () => {
  expect(await under({ services: 3 }, crowdAfterTheWorker)).toEqual({
    outcomes: { done: 3 * FULL },
    holds: { expired: 3 * FULL, active: 3 * FULL },
    mismatches: [],
  });
});

it('some of it would be told "sold out" if a batch released fewer than it serves', async () => {
  const PgClient = withoutProtection(/(?<=ORDER BY r\.expires_at\s+)LIMIT (\$\d+)/, 'LIMIT least($1, 10)');
  const { outcomes } = await under({ services: 3, PgClient }, crowdAfterTheWorker);
  expect(outcomes['sold-out']).toBeGreaterThan(0);
});

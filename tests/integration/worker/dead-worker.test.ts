import { expect, it } from 'vitest';
import type { TestApp } from '../../helpers/app.js';
import { withoutProtection, type RewritingClient } from '../../helpers/without-protection.js';
import { countOutcomes, MAX_BATCH_SIZE, outcomesOf, servicesOf } from '../batches/support.js';
import { countResponses, stockOf, times, withServices } from '../races/support.js';
import { startServiceProcess } from './processes.js';
import { dropWithOverdueHolds, holdsOf } from './support.js';

/** Simulates ten minutes by moving the deadlines back: expiry follows the database's clock, which a test cannot move. */
async function moveDeadlinesBack(app: TestApp, dropId: string): Promise<void> {
  await app.database.query(
    `UPDATE reservations SET created_at = created_at - interval '11 minutes', expires_at = expires_at - interval '11 minutes'
     WHERE drop_id = $1`,
    [dropId],
  );
}

/** Kills the worker and lets ten minutes pass; then the owner purchases and another user reserves. */
async function withoutWorkerForTenMinutes(app: TestApp) {
  const worker = await startServiceProcess(app.database);
  const [dropId, [owner, buyer]] = await Promise.all([app.createDrop({ total_stock: 1 }), app.createUsers(2)]);
  if (!owner || !buyer) throw new Error('two users');
  const { body } = await app.reserve(owner, dropId).expect(201);
  await worker.end();
  await moveDeadlinesBack(app, dropId);

  const { body: mine } = await app.http.get('/api/reservations').auth(owner.token, { type: 'bearer' });
  const purchase = await app.purchase(owner, body.data.reservation.id);
  const reservation = await app.reserve(buyer, dropId);
  return {
    listed: mine.data.length,
    responses: [purchase, reservation].map((response) => Object.keys(countResponses([response]))[0]),
    stock: await stockOf(app, dropId),
    mismatches: await app.mismatches(),
  };
}

/** Disables the expiry of overdue holds in stock transactions; only the worker expires them. */
const withoutReclaim = (Base?: RewritingClient) =>
  withoutProtection(/r\.expires_at <= \(SELECT t FROM horizon\)|held\.expires_at <= \(SELECT t FROM horizon\)/g, 'false', Base); // prettier-ignore

it('without a worker, an overdue hold cannot be purchased and its unit can be reserved', async () => {
  expect(await withServices({ services: 1 }, withoutWorkerForTenMinutes)).toEqual({
    listed: 0,
    responses: ['410 reservation-expired', '201'],
    stock: { available: 0, reserved: 1, sold: 0 },
    mismatches: [],
  });
});

it('control: if only the worker expires holds, the unit of an overdue hold stays reserved', async () => {
  const { responses } = await withServices({ services: 1, PgClient: withoutReclaim() }, withoutWorkerForTenMinutes);
  expect(responses).toEqual(['410 reservation-expired', '409 sold-out']);
});

it('control: without the condition on the deadline, an overdue hold can be purchased', async () => {
  const PgClient = withoutProtection(/ AND r\.expires_at > (t|clock_timestamp\(\))/g, '', withoutReclaim());
  const { responses } = await withServices({ services: 1, PgClient }, withoutWorkerForTenMinutes);
  expect(responses).toEqual(['201', '409 sold-out']);
});

/** Three services each reserve one full batch at the same time; overdue holds have all units of the drop. */
async function reserveOverdueUnits(app: TestApp, apps: readonly TestApp[]) {
  const dropId = await dropWithOverdueHolds(app, 3 * MAX_BATCH_SIZE);
  const outcomes = await times(3, async (index) => {
    const { reserve } = servicesOf(apps[index] ?? app);
    const buyers = await app.createUsers(MAX_BATCH_SIZE);
    return outcomesOf(buyers.map((buyer) => reserve(buyer, dropId)));
  });
  return {
    outcomes: countOutcomes(outcomes.flat()),
    holds: await holdsOf(app, dropId),
    mismatches: await app.mismatches(),
  };
}

it('concurrent batches reserve all units of overdue holds, although each reclaims only what it needs', async () => {
  expect(await withServices({ services: 3 }, reserveOverdueUnits)).toEqual({
    outcomes: { done: 3 * MAX_BATCH_SIZE },
    holds: { expired: 3 * MAX_BATCH_SIZE, active: 3 * MAX_BATCH_SIZE },
    mismatches: [],
  });
});

it('control: if a batch reclaims fewer units than it has requests, some requests fail with sold-out', async () => {
  const PgClient = withoutProtection(/(?<=ORDER BY r\.expires_at\s+)LIMIT (\$\d+)/, 'LIMIT least($1, 10)');
  const { outcomes } = await withServices({ services: 3, PgClient }, reserveOverdueUnits);
  expect(outcomes['sold-out']).toBeGreaterThan(0);
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProblemCode } from '../../../src/modules/problems.js';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { buy, editDrop, expectProblem, expectSuccess, hold, UNKNOWN_ID } from './support.js';

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp({ env: { HOLD_COOL_DOWN_AFTER: '1' } });
});
afterAll(() => app.close());

/** The reasons to refuse a reservation, in the order in which they are checked. */
const REASONS = ['cancelled', 'ended', 'paused', 'scheduled', 'held', 'limited', 'cooling down', 'sold out'] as const;
type Reason = (typeof REASONS)[number];

const EXPECTED_CODES: Readonly<Record<Reason, ProblemCode>> = {
  cancelled: 'drop-ended',
  ended: 'drop-ended',
  paused: 'drop-paused',
  scheduled: 'drop-not-started',
  held: 'already-reserved',
  limited: 'limit-reached',
  'cooling down': 'cool-down',
  'sold out': 'sold-out',
};

const EDITS: Partial<Record<Reason, string>> = {
  paused: 'paused_at = now()',
  scheduled: "drop_starts_at = '2100-01-01'",
  ended: "drop_starts_at = '2020-01-01', drop_ends_at = '2020-01-02'",
  cancelled: 'cancelled_at = now()',
};

/** Adds a hold that has expired, as the sweep leaves it. */
async function letExpire({ id }: TestUser, dropId: string): Promise<void> {
  await app.database.query("INSERT INTO reservations (user_id, drop_id, status) VALUES ($1, $2, 'expired')", [
    id,
    dropId,
  ]);
}

/** Creates a drop that refuses this user for all of these reasons. */
async function dropRefusing(user: TestUser, reasons: readonly Reason[], key?: string): Promise<string> {
  const dropId = await app.createDrop({ total_stock: 3 });
  if (reasons.includes('limited')) await buy(app, user, dropId);
  if (reasons.includes('held') || key !== undefined) await hold(app, user, dropId, key);
  if (reasons.includes('limited')) await editDrop(app, dropId, 'limit_per_user = 1');
  if (reasons.includes('cooling down')) await letExpire(user, dropId);
  if (reasons.includes('sold out')) await editDrop(app, dropId, 'total_stock = reserved_stock + sold_stock');
  // "scheduled" comes first because the edit for "ended" moves the start into the past.
  for (const reason of ['scheduled', 'paused', 'ended', 'cancelled'] as const) {
    if (reasons.includes(reason)) await editDrop(app, dropId, EDITS[reason] ?? '');
  }
  return dropId;
}

/** A drop cannot have a start in the future and an end in the past. */
const areCompatible = (one: Reason, other: Reason) => !(one === 'ended' && other === 'scheduled');

const PAIRS = REASONS.flatMap((first, index) =>
  REASONS.slice(index + 1)
    .filter((second) => areCompatible(first, second))
    .map((second) => [first, second] as const),
);

describe('of two reasons to refuse a reservation,', () => {
  it.each(PAIRS)('%s takes precedence over %s', async (first, second) => {
    const user = await app.createUser();
    const dropId = await dropRefusing(user, [first, second]);
    const problem = expectProblem(await app.reserve(user, dropId), EXPECTED_CODES[first]);
    if (first === 'cancelled') expect(problem.detail).toBe('This drop was cancelled');
    if (first === 'ended') expect(problem.detail).toBe('This drop has ended');
  });
});

describe('a reservation is refused for a single reason:', () => {
  it.each(REASONS)('%s', async (reason) => {
    const user = await app.createUser();
    const dropId = await dropRefusing(user, [reason]);
    expectProblem(await app.reserve(user, dropId), EXPECTED_CODES[reason]);
  });
});

describe('a replayed key takes precedence over', () => {
  it.each(REASONS.map((reason) => [reason]))('%s', async (reason) => {
    const user = await app.createUser();
    const dropId = await dropRefusing(user, [reason], 'key');
    const response = await app.reserve(user, dropId, 'key');
    expectSuccess(response, 201);
    expect(response.headers['idempotency-replayed']).toBe('true');
  });
});

describe('a key used for another drop takes precedence over', () => {
  it.each(REASONS.map((reason) => [reason]))('%s', async (reason) => {
    const user = await app.createUser();
    await hold(app, user, await app.createDrop(), 'key');
    const dropId = await dropRefusing(user, [reason]);
    expectProblem(await app.reserve(user, dropId, 'key'), 'idempotency-key-reused');
  });

  it('an unknown drop', async () => {
    const user = await app.createUser();
    await hold(app, user, await app.createDrop(), 'key');
    expectProblem(await app.reserve(user, UNKNOWN_ID, 'key'), 'idempotency-key-reused');
  });
});

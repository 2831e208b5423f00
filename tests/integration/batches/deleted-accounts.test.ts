import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { dropRowLock, untilWaiting, whileLocked } from '../../helpers/locks.js';
import { interceptStatements } from '../../helpers/statements.js';
import { withoutProtection } from '../../helpers/without-protection.js';
import { countOutcomes, MAX_BATCH_SIZE, outcomesOf, servicesOf } from './support.js';

const HONEST = 20;

let app: TestApp;
let sent: string[] = [];
let failed: unknown[] = [];

beforeAll(async () => {
  const PgClient = interceptStatements({
    onSent: ({ text }) => sent.push(text),
    onFailed: (_sql, error) => failed.push(error),
  });
  app = await startTestApp({ PgClient });
});
afterAll(() => app.close());

/** Users with valid tokens whose accounts do not exist. */
function deletedUsers(count: number, { context } = app): TestUser[] {
  return Array.from({ length: count }, () => {
    const id = randomUUID();
    const token = context.tokens.sign({ id, role: 'user' });
    return { id, username: id, email: `${id}@example.com`, role: 'user', token };
  });
}

async function deleteUser({ id }: TestUser): Promise<void> {
  await app.database.query('DELETE FROM users WHERE id = $1', [id]);
}

/** How many transactions have run again, for any cause. */
async function fallbacks({ context } = app): Promise<number> {
  const { values } = await context.metrics.transactionFallbacks.get();
  return values.reduce((sum, { value }) => sum + value, 0);
}

/** Sends the request over HTTP; returns the status. */
async function reserve({ token }: TestUser, dropId: string, { url } = app): Promise<string> {
  const { status } = await fetch(`${url}/api/reservations`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ dropId }),
  });
  return String(status);
}

it('requests of deleted accounts cost the others nothing: no statement fails, no transaction runs again', async () => {
  const [dropId, soldOut] = [await app.createDrop({ total_stock: HONEST }), await app.createDrop({ total_stock: 0 })];
  const honest = await app.createUsers(HONEST);
  const deleted = deletedUsers(MAX_BATCH_SIZE);
  [sent, failed] = [[], []];

  const refused = deleted.map((user, index) => [user, index % 2 ? dropId : soldOut] as const);
  const [refusals, granted] = await Promise.all([
    Promise.all(refused.map(([user, id]) => reserve(user, id))),
    Promise.all(honest.map((user) => reserve(user, dropId))),
  ]);
  expect(countOutcomes(granted)).toEqual({ 201: HONEST });
  expect(countOutcomes(refusals)).toEqual({ 401: MAX_BATCH_SIZE });
  expect(failed).toEqual([]);
  expect(await fallbacks()).toBe(0);
  // The batches themselves find the missing accounts.
  expect(sent.filter((sql) => sql.includes('FROM users') && !/WITH (horizon|now)/.test(sql))).toEqual([]);
  expect(await app.mismatches()).toEqual([]);
});

it('control: without the lookup the batches fail and are split', async () => {
  const PgClient = withoutProtection(
    "WHEN account.id IS NULL THEN 'deleted'",
    'WHEN false THEN NULL',
    withoutProtection('JOIN open ON open.id = requested.user_id', ''),
  );
  const unprotected = await startTestApp({ PgClient });
  try {
    const dropId = await unprotected.createDrop();
    const deleted = deletedUsers(4, unprotected);
    const { reserve: submit } = servicesOf(unprotected);
    const outcomes = await Promise.allSettled(deleted.map((user) => submit(user, dropId)));
    expect(outcomes.map(({ status }) => status)).toEqual(Array(4).fill('rejected'));
    expect(await fallbacks(unprotected)).toBe(3);
    PgClient.assertUsed();
  } finally {
    await unprotected.close();
  }
});

describe('an account that is deleted', () => {
  it('while its batch waits for the lock is refused with 401, and the others get their units', async () => {
    const [dropId, users] = await Promise.all([app.createDrop({ total_stock: 3 }), app.createUsers(3)]);
    const before = await fallbacks();
    const outcomes = await whileLocked(app.database, dropRowLock(dropId), async ({ unlock }) => {
      const running = outcomesOf(users.map((user) => servicesOf(app).reserve(user, dropId)));
      await untilWaiting(app.database);
      if (users[1]) await deleteUser(users[1]);
      await unlock();
      return running;
    });
    expect(outcomes).toEqual(['done', 'unauthenticated', 'done']);
    expect(await fallbacks()).toBe(before);
    expect(await app.mismatches()).toEqual([]);
  });

  it('in a transaction that has not ended delays no refusal', async () => {
    const [dropId, users] = await Promise.all([app.createDrop({ total_stock: 0 }), app.createUsers(3)]);
    const deletion = { sql: 'DELETE FROM users WHERE id = $1', params: [users[1]?.id] };
    const outcomes = await whileLocked(app.database, deletion, () =>
      outcomesOf(users.map((user) => servicesOf(app).reserve(user, dropId))),
    );
    expect(outcomes).toEqual(Array(3).fill('sold-out'));
  });

  it.each(['purchase', 'release'] as const)(
    'together with its hold fails no batch: a %s is not found',
    async (kind) => {
      const [dropId, users] = await Promise.all([app.createDrop({ total_stock: 3 }), app.createUsers(3)]);
      const services = servicesOf(app);
      const holds = await Promise.all(users.map(async (user) => (await services.reserve(user, dropId)).reservation.id));
      const before = await fallbacks();
      const outcomes = await whileLocked(app.database, dropRowLock(dropId), async ({ client, unlock }) => {
        const running = outcomesOf(
          users.map<Promise<object>>((user, index) => services[kind](user, holds[index] ?? '')),
        );
        await untilWaiting(app.database);
        // Only an edit by hand does this: an account that has reservations cannot be deleted.
        await expect(deleteUser(users[1] as TestUser)).rejects.toBeInstanceOf(pg.DatabaseError);
        await client.query('DELETE FROM reservations WHERE id = $1', [holds[1]]);
        await client.query('DELETE FROM users WHERE id = $1', [users[1]?.id]);
        await client.query('UPDATE drops SET available_stock = 1, reserved_stock = 2 WHERE id = $1', [dropId]);
        await unlock();
        return running;
      });
      expect(outcomes).toEqual(['done', 'reservation-not-found', 'done']);
      expect(await fallbacks()).toBe(before);
      expect(await app.mismatches()).toEqual([]);
    },
  );
});

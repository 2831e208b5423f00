import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { until, waitingSessions } from '../../helpers/locks.js';
import { delayingStatements, interceptStatements } from '../../helpers/statements.js';
import { removeFromTrigger } from '../../helpers/trigger-protection.js';
import { withoutProtection, withPause, type RewritingClient } from '../../helpers/without-protection.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** The write of a batch begins, reads its snapshot, and pauses before it locks the accounts. */
const PAUSE = [
  'WHERE u.id = ANY(string_to_array(',
  'WHERE (SELECT pg_sleep(1.5)) IS NOT NULL AND u.id = ANY(string_to_array(',
] as const;

interface Race {
  /** Of the reservation. */
  readonly status: number;
  /** The active holds of the user. */
  readonly active: number | null;
  /** How many transactions have run again. */
  readonly fallbacks: number;
}

const DISABLING = 'UPDATE users SET disabled_at = now() WHERE id = $1';

/** Closes an account by this statement between the load and the write of its batch. */
async function raceOf(PgClient: RewritingClient, closing = DISABLING): Promise<Race> {
  const app: TestApp = await startTestApp({ database, PgClient });
  try {
    const [user, dropId] = [await app.createUser(), await app.createDrop()];
    const reserving = app.reserve(user, dropId).then(({ status }) => status);
    await until('the batch to be between its load and its write', async () => {
      const { rowCount } = await database.query(
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'",
      );
      return rowCount === 1;
    });
    await database.query(closing, [user.id]);
    // The holds that have been committed so far are released; a later one would stay.
    await app.context.holdReleases.releaseOrLeaveToWorker(user.id, { skipLocked: true });
    const status = await reserving;
    const { rowCount } = await database.query("SELECT FROM reservations WHERE user_id = $1 AND status = 'active'", [
      user.id,
    ]);
    expect(await app.mismatches()).toEqual([]);
    PgClient.assertUsed();
    const { values } = await app.context.metrics.transactionFallbacks.get();
    return { status, active: rowCount, fallbacks: values.reduce((sum, { value }) => sum + value, 0) };
  } finally {
    await app.close();
  }
}

it('an account that is disabled while its batch is served gets no hold', async () => {
  expect(await raceOf(withPause(...PAUSE))).toEqual({ status: 401, active: 0, fallbacks: 0 });
});

it('one that is deleted gets none either, and no statement fails', async () => {
  const race = raceOf(withPause(...PAUSE), 'DELETE FROM users WHERE id = $1');
  expect(await race).toEqual({ status: 401, active: 0, fallbacks: 0 });
});

it('control: without the check under the lock of the account, its hold survives', async () => {
  const unprotected = withoutProtection('AND u.disabled_at IS NULL\n      FOR KEY SHARE', '', withPause(...PAUSE));
  expect(await raceOf(unprotected)).toEqual({ status: 201, active: 1, fallbacks: 0 });
});

/** What the trigger of the users does when an account is disabled: it waits for holds that are written and not yet committed. */
const WAIT_OF_TRIGGER = /PERFORM FROM users u WHERE u\.id = OLD\.id FOR UPDATE;(?=\s+NEW\.disabled_at)/;

/** Disables an account by hand while its hold is written, but not committed. The worker releases the holds that it finds. */
async function raceOfCommit({ isProtected }: { readonly isProtected: boolean }) {
  const own = await createTestDatabase();
  let hasInserted = false;
  let isWritten = false;
  let commit = (): void => undefined;
  const mayCommit = new Promise<void>((resolve) => {
    commit = resolve;
  });
  const Observed = interceptStatements({
    onCompleted: (sql) => {
      hasInserted ||= sql.includes('INSERT INTO reservations');
    },
  });
  const PgClient = delayingStatements(
    'COMMIT',
    async () => {
      isWritten ||= hasInserted;
      if (isWritten) await mayCommit;
    },
    Observed,
  );
  const app = await startTestApp({ database: own, PgClient });
  try {
    if (!isProtected) await removeFromTrigger(own, 'users_before_access_change', WAIT_OF_TRIGGER);
    const [user, dropId] = [await app.createUser(), await app.createDrop()];
    const reserving = app.reserve(user, dropId).then(({ status }) => status);
    await until('the hold to be written', () => isWritten);
    let isDisabled = false;
    const disabling = own.query(DISABLING, [user.id]).then(() => {
      isDisabled = true;
    });
    await until('the account to be disabled, or to wait', async () => isDisabled || (await waitingSessions(own)) > 0);
    const hasWaited = !isDisabled;
    // The account waits for the release of its holds. If none is found, that is done.
    await app.context.accountWorker.runOnce();
    commit();
    const status = await reserving;
    await disabling;
    await app.context.accountWorker.runOnce();
    const active = await own.query("SELECT FROM reservations WHERE user_id = $1 AND status = 'active'", [user.id]);
    expect(await app.mismatches()).toEqual([]);
    return { status, hasWaited, active: active.rowCount };
  } finally {
    commit();
    await app.close();
    await own.drop();
  }
}

it('an account that is disabled before its hold is committed keeps no hold', async () => {
  expect(await raceOfCommit({ isProtected: true })).toEqual({ status: 201, hasWaited: true, active: 0 });
});

it('control: without the wait of the trigger, the hold survives', async () => {
  expect(await raceOfCommit({ isProtected: false })).toEqual({ status: 201, hasWaited: false, active: 1 });
});

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { insertUser, only } from './rows.js';

// What the triggers do for every writer of an account, such as psql and Prisma Studio.

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

interface State {
  readonly version: number;
  readonly hasEndedTokens: boolean;
  readonly isDisabled: boolean;
  readonly hasHoldsToRelease: boolean;
}

const NEW_ACCOUNT: State = { version: 0, hasEndedTokens: false, isDisabled: false, hasHoldsToRelease: false };

const update = (id: string, assignments: string) => db.query(`UPDATE users SET ${assignments} WHERE id = $1`, [id]);

async function stateOf(id: string): Promise<State> {
  const { rows } = await db.query<State & Record<string, unknown>>(
    `SELECT token_version AS version, has_ended_tokens AS "hasEndedTokens", disabled_at IS NOT NULL AS "isDisabled",
            has_holds_to_release AS "hasHoldsToRelease" FROM users WHERE id = $1`,
    [id],
  );
  return only(rows);
}

/** The transaction of the last change that was recorded for an account; null if there is none. */
async function lastChange(id: string): Promise<string | null> {
  const { rows } = await db.query<{ transaction: string }>(
    'SELECT transaction_id::text AS transaction FROM account_changes WHERE user_id = $1',
    [id],
  );
  return rows[0]?.transaction ?? null;
}

const endToken = (userId: string) =>
  db.query("INSERT INTO ended_tokens (id, user_id, expires_at) VALUES ($1, $2, now() + interval '1 day')", [
    randomUUID(),
    userId,
  ]);

describe('an account', () => {
  it('is open at first, with the version 0, and no change is recorded', async () => {
    const id = await insertUser(db);
    expect(await stateOf(id)).toEqual(NEW_ACCOUNT);
    expect(await lastChange(id)).toBeNull();
  });

  it('gets the next version with a new password, and none with the same', async () => {
    const id = await insertUser(db);
    await update(id, 'password_hash = password_hash');
    expect(await stateOf(id)).toEqual(NEW_ACCOUNT);
    await update(id, "password_hash = 'new'");
    expect(await stateOf(id)).toEqual({ ...NEW_ACCOUNT, version: 1 });
    await update(id, "password_hash = 'newer', token_version = token_version + 1");
    expect(await stateOf(id)).toEqual({ ...NEW_ACCOUNT, version: 2 });
  });

  it('that is disabled gets the next version, the time of the database, and waits for the release of its holds', async () => {
    const id = await insertUser(db);
    await update(id, "disabled_at = '1999-01-01', disabled_reason = 'Stolen card'");
    expect(await stateOf(id)).toEqual({ version: 1, hasEndedTokens: false, isDisabled: true, hasHoldsToRelease: true });
    const { rows } = await db.query(
      "SELECT disabled_at > now() - interval '1 hour' AS recent FROM users WHERE id = $1",
      [id],
    );
    expect(rows).toEqual([{ recent: true }]);

    await update(id, 'has_holds_to_release = false');
    await update(id, 'disabled_at = now()');
    expect(await stateOf(id)).toEqual({ ...NEW_ACCOUNT, version: 1, isDisabled: true });
  });

  it('that is enabled loses the details, and keeps the version', async () => {
    const id = await insertUser(db);
    await update(id, "disabled_at = now(), disabled_by = id, disabled_reason = 'Mistake'");
    await update(id, 'disabled_at = NULL');
    expect(await stateOf(id)).toEqual({ ...NEW_ACCOUNT, version: 1 });
    const { rows } = await db.query('SELECT disabled_by, disabled_reason FROM users WHERE id = $1', [id]);
    expect(rows).toEqual([{ disabled_by: null, disabled_reason: null }]);
  });

  it('that is enabled has the time of the database and the details, until it is disabled again', async () => {
    const id = await insertUser(db);
    const details = async () => {
      const { rows } = await db.query(
        `SELECT enabled_at > now() - interval '1 hour' AS recent, enabled_by, enabled_reason FROM users WHERE id = $1`,
        [id],
      );
      return only(rows);
    };
    const none = { recent: null, enabled_by: null, enabled_reason: null };
    expect(await details()).toEqual(none);
    await update(id, 'disabled_at = now()');
    expect(await details()).toEqual(none);
    await update(id, "disabled_at = NULL, enabled_at = '1999-01-01', enabled_by = id, enabled_reason = 'Mistake'");
    expect(await details()).toEqual({ recent: true, enabled_by: id, enabled_reason: 'Mistake' });
    await update(id, "username = username || 'x'");
    expect(await details()).toEqual({ recent: true, enabled_by: id, enabled_reason: 'Mistake' });
    await update(id, 'disabled_at = now()');
    expect(await details()).toEqual(none);
  });

  it.each(['disabled', 'enabled'])('that %s another one can be deleted', async (change) => {
    const [id, by] = [await insertUser(db), await insertUser(db)];
    await update(id, 'disabled_at = now()');
    if (change === 'enabled') await update(id, 'disabled_at = NULL');
    await db.query(`UPDATE users SET ${change}_by = $2 WHERE id = $1`, [id, by]);
    await db.query('DELETE FROM users WHERE id = $1', [by]);
    expect((await stateOf(id)).isDisabled).toBe(change === 'disabled');
  });
});

describe('an ended token', () => {
  it('marks its account, until another version makes the mark needless', async () => {
    const id = await insertUser(db);
    await endToken(id);
    expect(await stateOf(id)).toEqual({ ...NEW_ACCOUNT, hasEndedTokens: true });
    await update(id, 'token_version = token_version + 1');
    expect(await stateOf(id)).toEqual({ ...NEW_ACCOUNT, version: 1 });
    await endToken(id);
    expect((await stateOf(id)).hasEndedTokens).toBe(true);
  });

  it('keeps its mark against a writer that takes it away', async () => {
    const id = await insertUser(db);
    await endToken(id);
    await update(id, 'has_ended_tokens = false');
    expect((await stateOf(id)).hasEndedTokens).toBe(true);
  });

  it('leaves no mark behind if it was the last one; a writer may then take it away', async () => {
    const id = await insertUser(db);
    await endToken(id);
    await endToken(id);
    for (const left of [1, 0]) {
      await db.query('DELETE FROM ended_tokens WHERE id = (SELECT id FROM ended_tokens WHERE user_id = $1 LIMIT 1)', [
        id,
      ]);
      await update(id, 'has_ended_tokens = false');
      expect((await stateOf(id)).hasEndedTokens).toBe(left > 0);
    }
    await endToken(id);
    expect((await stateOf(id)).hasEndedTokens).toBe(true);
  });

  it('keeps its mark against a transaction that may read what was committed before', async () => {
    const id = await insertUser(db);
    await endToken(id);
    await db.query('DELETE FROM ended_tokens WHERE user_id = $1', [id]);
    await db.query(
      `BEGIN ISOLATION LEVEL REPEATABLE READ; UPDATE users SET has_ended_tokens = false WHERE id = '${id}'; COMMIT`,
    );
    expect((await stateOf(id)).hasEndedTokens).toBe(true);
  });

  it('is deleted with its account', async () => {
    const id = await insertUser(db);
    await endToken(id);
    await db.query('DELETE FROM users WHERE id = $1', [id]);
    expect((await db.query('SELECT FROM ended_tokens WHERE user_id = $1', [id])).rowCount).toBe(0);
  });
});

describe('a change is recorded, with its transaction,', () => {
  it.each([
    ['of the version', 'token_version = token_version + 1'],
    ['of the password', "password_hash = 'new'"],
    ['of the role', "role = 'admin'"],
    ['when the account is disabled', 'disabled_at = now()'],
  ])('%s', async (_case, assignments) => {
    const id = await insertUser(db);
    await update(id, assignments);
    const first = await lastChange(id);
    expect(first).toMatch(/^\d+$/);
    await update(id, "token_version = token_version + 1, username = username || 'x'");
    expect(Number(await lastChange(id))).toBeGreaterThan(Number(first));
  });

  it('of each ended token, also if the account is marked already', async () => {
    const id = await insertUser(db);
    await endToken(id);
    const first = Number(await lastChange(id));
    await endToken(id);
    expect(Number(await lastChange(id))).toBeGreaterThan(first);
  });

  it('and stays after the account was deleted', async () => {
    const id = await insertUser(db);
    await db.query('DELETE FROM users WHERE id = $1', [id]);
    expect(await lastChange(id)).toMatch(/^\d+$/);
  });

  it('but not when nothing changes that concerns tokens', async () => {
    const id = await insertUser(db);
    await update(id, "username = username || 'x', role = role, token_version = token_version");
    expect(await lastChange(id)).toBeNull();
  });
});

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { CHECK, FOREIGN_KEY, insertUser, NOT_NULL, refusalOf, UNIQUE } from './rows.js';

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

const update = (id: string, assignments: string) => db.query(`UPDATE users SET ${assignments} WHERE id = $1`, [id]);

/** A complete erasure, as the service writes it. */
const ERASURE = {
  erased_at: 'now()',
  disabled_at: 'now()',
  disabled_by: 'NULL',
  disabled_reason: 'NULL',
  role: "'user'",
  password_hash: "'erased'",
  username: "'deleted user 0123456789abcdef'",
  email: "'deleted-0123456789abcdef@invalid'",
};

const assignmentsOf = (values: Readonly<Record<string, string>>) =>
  Object.entries(values)
    .map(([column, value]) => `${column} = ${value}`)
    .join(', ');

/** The erasure with a random name, so that several users can be erased. */
function erasure(): typeof ERASURE {
  const name = randomUUID().replaceAll('-', '').slice(0, 16);
  return { ...ERASURE, username: `'deleted user ${name}'`, email: `'deleted-${name}@invalid'` };
}

describe('a token version', () => {
  it.each(['-1', '-2147483648'])('cannot be %s', async (version) => {
    const insert = db.query(
      `INSERT INTO users (username, email, password_hash, token_version) VALUES ($1, $1, 'x', $2)`,
      [randomUUID(), version],
    );
    expect(await refusalOf(insert)).toEqual({ code: CHECK, constraint: 'users_token_version_not_negative' });
  });

  it('never falls, not even together with a change that raises it', async () => {
    const id = await insertUser(db);
    for (let version = 1; version <= 7; version += 1) await update(id, `token_version = ${version}`);
    const fallen = { code: CHECK, constraint: 'users_token_version_never_falls' };
    expect(await refusalOf(update(id, 'token_version = 6'))).toEqual(fallen);
    expect(await refusalOf(update(id, "token_version = 6, password_hash = 'new'"))).toEqual(fallen);
    expect(await refusalOf(update(id, 'token_version = 0, disabled_at = now()'))).toEqual(fallen);
  });

  it('rises by one, so that it never reaches the end of its numbers', async () => {
    const leap = { code: CHECK, constraint: 'users_token_version_rises_by_one' };
    const id = await insertUser(db);
    for (const version of ['2', '2147483647']) {
      expect(await refusalOf(update(id, `token_version = ${version}`))).toEqual(leap);
      expect(await refusalOf(update(id, `token_version = ${version}, password_hash = 'new'`))).toEqual(leap);
      expect(await refusalOf(update(id, `token_version = ${version}, disabled_at = now()`))).toEqual(leap);
    }
    const insert = (version: string) =>
      db.query(`INSERT INTO users (username, email, password_hash, token_version) VALUES ($1, $1, 'x', $2)`, [
        randomUUID(),
        version,
      ]);
    for (const version of ['1000000001', '2147483647']) expect(await refusalOf(insert(version))).toEqual(leap);
    // Data that is restored.
    await insert('1000000000');
  });

  it('is never missing', async () => {
    const id = await insertUser(db);
    for (const column of ['token_version', 'has_ended_tokens', 'has_holds_to_release']) {
      expect(await refusalOf(update(id, `${column} = NULL`))).toMatchObject({ code: NOT_NULL });
    }
  });
});

describe('a disabled account', () => {
  it.each([
    ["''", 'empty'],
    ["repeat('x', 501)", 'of more than 500 characters'],
  ])('cannot have the reason %s, which is %s', async (reason) => {
    const id = await insertUser(db);
    expect(await refusalOf(update(id, `disabled_at = now(), disabled_reason = ${reason}`))).toEqual({
      code: CHECK,
      constraint: 'users_disabled_reason_length',
    });
  });

  it('cannot be disabled by an account that does not exist', async () => {
    const id = await insertUser(db);
    expect(await refusalOf(update(id, 'disabled_at = now(), disabled_by = gen_random_uuid()'))).toEqual({
      code: FOREIGN_KEY,
      constraint: 'users_disabled_by_fkey',
    });
  });

  it.each(["disabled_reason = 'why'", 'disabled_by = id', 'has_holds_to_release = true'])(
    'alone can have %s',
    async (assignment) => {
      const id = await insertUser(db);
      expect(await refusalOf(update(id, assignment))).toEqual({ code: CHECK, constraint: 'users_disabled_details' });
    },
  );

  it('cannot be inserted with the details of one and without the time', async () => {
    const insert = db.query(
      `INSERT INTO users (username, email, password_hash, disabled_reason) VALUES ($1, $1, 'x', 'why')`,
      [randomUUID()],
    );
    expect(await refusalOf(insert)).toEqual({ code: CHECK, constraint: 'users_disabled_details' });
  });
});

describe('an enabled account', () => {
  const details = { code: CHECK, constraint: 'users_enabled_details' };

  it.each([
    ["''", 'empty'],
    ["repeat('x', 501)", 'of more than 500 characters'],
  ])('cannot have the reason %s, which is %s', async (reason) => {
    const id = await insertUser(db);
    await update(id, 'disabled_at = now()');
    expect(await refusalOf(update(id, `disabled_at = NULL, enabled_reason = ${reason}`))).toEqual({
      code: CHECK,
      constraint: 'users_enabled_reason_length',
    });
  });

  it('cannot be enabled by an account that does not exist', async () => {
    const id = await insertUser(db);
    await update(id, 'disabled_at = now()');
    expect(await refusalOf(update(id, 'disabled_at = NULL, enabled_by = gen_random_uuid()'))).toEqual({
      code: FOREIGN_KEY,
      constraint: 'users_enabled_by_fkey',
    });
  });

  it('alone can have the details', async () => {
    const id = await insertUser(db);
    const assignments = ["enabled_reason = 'why'", 'enabled_by = id'];
    for (const assignment of assignments) expect(await refusalOf(update(id, assignment))).toEqual(details);
    await update(id, 'disabled_at = now()');
    for (const assignment of [...assignments, 'enabled_at = now()']) {
      expect(await refusalOf(update(id, assignment))).toEqual(details);
    }
  });
});

describe('an erased account', () => {
  const withPerson = { code: CHECK, constraint: 'users_erased_without_person' };
  const forGood = { code: CHECK, constraint: 'users_erased_for_good' };

  it.each([
    ['role', "'admin'"],
    ['password_hash', "'$2b$10$hash'"],
    ['username', "'ada'"],
    ['username', "'deleted user 0123456789ABCDEF'"],
    ['username', "E'deleted user 0123456789abcdef\\nada'"],
    ['email', "'ada@example.com'"],
    ['email', "'deleted-ada@invalid'"],
    ['disabled_at', 'NULL'],
    ['disabled_reason', "'Stolen card'"],
  ])('cannot keep %s = %s, at the erasure or later', async (column, value) => {
    const id = await insertUser(db);
    expect(await refusalOf(update(id, assignmentsOf({ ...erasure(), [column]: value })))).toEqual(withPerson);
    await update(id, assignmentsOf(erasure()));
    expect(await refusalOf(update(id, `${column} = ${value}`))).toEqual(
      column === 'disabled_at' ? forGood : withPerson,
    );
  });

  it('cannot come back', async () => {
    const id = await insertUser(db);
    await update(id, assignmentsOf(erasure()));
    for (const assignments of ['erased_at = NULL', 'erased_at = NULL, disabled_at = NULL']) {
      expect(await refusalOf(update(id, assignments))).toEqual(forGood);
    }
  });
});

describe('an ended token', () => {
  const insert = (values: string, ...params: unknown[]) =>
    db.query(`INSERT INTO ended_tokens (id, user_id, expires_at) VALUES (${values})`, params);

  it('has a user that exists, an id that no other has, and a time of expiry', async () => {
    const [userId, id] = [await insertUser(db), randomUUID()];
    await insert('$1, $2, now()', id, userId);
    expect(await refusalOf(insert('$1, $2, now()', id, userId))).toEqual({
      code: UNIQUE,
      constraint: 'ended_tokens_pkey',
    });
    expect(await refusalOf(insert('gen_random_uuid(), gen_random_uuid(), now()'))).toEqual({
      code: FOREIGN_KEY,
      constraint: 'ended_tokens_user_id_fkey',
    });
    for (const values of ['NULL, $1, now()', 'gen_random_uuid(), $1, NULL']) {
      expect(await refusalOf(insert(values, userId))).toMatchObject({ code: NOT_NULL });
    }
  });
});

it('a change of an account names a user and a transaction', async () => {
  const insert = (values: string) =>
    db.query(`INSERT INTO account_changes (user_id, transaction_id) VALUES (${values})`);
  expect(await refusalOf(insert('NULL, 1'))).toMatchObject({ code: NOT_NULL });
  expect(await refusalOf(insert('gen_random_uuid(), NULL'))).toMatchObject({ code: NOT_NULL });
});

import type { User } from '../../generated/prisma/client.js';
import type { Database, Transaction } from '../../lib/db/database.js';
import type { ValidToken } from '../../lib/auth/authenticate.js';

export type Credentials = Pick<User, 'username' | 'email' | 'passwordHash'>;

/** The names and the hash of the password of a user; null if the account does not exist. */
export async function findCredentials(db: Database, userId: string): Promise<Credentials | null> {
  return db.user.findUnique({ where: { id: userId }, select: { username: true, email: true, passwordHash: true } });
}

/** What a new token of an account needs. */
export type TokenOwner = Pick<User, 'id' | 'role' | 'tokenVersion'>;

/**
 * Replaces the password, unless it was replaced or the account was closed in the meantime; then returns null. A trigger ends all
 * tokens. If the account has the new hash already, an earlier run of the transaction wrote it.
 */
export async function writePassword(
  tx: Transaction,
  userId: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<TokenOwner | null> {
  const [owner] = await tx.$queryRaw<TokenOwner[]>`
    UPDATE users u SET password_hash = ${to}
    WHERE u.id = ${userId}::uuid AND u.password_hash IN (${from}, ${to}) AND u.disabled_at IS NULL
    RETURNING u.id, u.role, u.token_version AS "tokenVersion"`;
  return owner ?? null;
}

/** Ends one token. Does nothing if it is ended already. Triggers make it known to the requests and the sockets of the user. */
export async function insertEndedToken(
  tx: Transaction,
  userId: string,
  { id, expiresAt }: { readonly id: string } & Pick<ValidToken, 'expiresAt'>,
): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO ended_tokens (id, user_id, expires_at)
    VALUES (${id}::uuid, ${userId}::uuid, least(to_timestamp(${expiresAt}::double precision), '9999-12-31T00:00:00Z'))
    ON CONFLICT (id) DO NOTHING`;
}

/** Ends all tokens of this version. Does nothing if they have ended already. */
export async function endTokensOfVersion(tx: Transaction, userId: string, version: number): Promise<void> {
  await tx.$executeRaw`
    UPDATE users SET token_version = token_version + 1 WHERE id = ${userId}::uuid AND token_version = ${version}::int`;
}

/**
 * Locks these accounts in the order of their ids, against changes and not against foreign keys: a batch that refers to one of
 * them, and then waits for the other, would be in a deadlock with this transaction. Returns the ids of those that are open.
 */
export async function lockOpenAccounts(tx: Transaction, userIds: readonly string[]): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string; isOpen: boolean }[]>`
    SELECT u.id, u.disabled_at IS NULL AS "isOpen" FROM users u
    WHERE u.id = ANY(${userIds}::uuid[])
    ORDER BY u.id
    FOR NO KEY UPDATE`;
  return rows.filter(({ isOpen }) => isOpen).map(({ id }) => id);
}

/** Locks the admins whose accounts are open, as {@link lockOpenAccounts}, and returns their ids. */
export async function lockAdmins(tx: Transaction): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT u.id FROM users u WHERE u.role = 'admin' AND u.disabled_at IS NULL ORDER BY u.id FOR NO KEY UPDATE`;
  return rows.map(({ id }) => id);
}

/** Disables an account. Does nothing if it is disabled already. A trigger ends its tokens and marks its holds for release. */
export async function writeDisabled(
  tx: Transaction,
  userId: string,
  { by, reason }: { readonly by: string; readonly reason: string | null },
): Promise<void> {
  await tx.$executeRaw`
    UPDATE users SET disabled_at = clock_timestamp(), disabled_by = ${by}::uuid, disabled_reason = ${reason}
    WHERE id = ${userId}::uuid AND disabled_at IS NULL`;
}

/** Enables a disabled account. Does nothing if it is not disabled, or erased. A trigger sets the time. */
export async function writeEnabled(
  tx: Transaction,
  userId: string,
  { by, reason }: { readonly by: string; readonly reason: string | null },
): Promise<void> {
  await tx.$executeRaw`
    UPDATE users SET disabled_at = NULL, enabled_by = ${by}::uuid, enabled_reason = ${reason}
    WHERE id = ${userId}::uuid AND disabled_at IS NOT NULL AND erased_at IS NULL`;
}

/**
 * Removes the person from an account, and closes it for good. The names that replace the person's cannot be registered.
 *
 * @param passwordHash of the verified password. If it was replaced in the meantime, the account is not changed.
 * @returns whether the account is erased.
 */
export async function writeErased(tx: Transaction, userId: string, passwordHash: string): Promise<boolean> {
  const [erased] = await tx.$queryRaw<unknown[]>`
    UPDATE users u
    SET erased_at = coalesce(u.erased_at, clock_timestamp()), disabled_at = coalesce(u.disabled_at, clock_timestamp()),
        disabled_by = NULL, disabled_reason = NULL, role = 'user', password_hash = 'erased',
        username = 'deleted user ' || name, email = 'deleted-' || name || '@invalid'
    FROM left(replace(gen_random_uuid()::text, '-', ''), 16) AS name
    WHERE u.id = ${userId}::uuid AND u.password_hash IN (${passwordHash}, 'erased')
    RETURNING u.id`;
  return erased !== undefined;
}

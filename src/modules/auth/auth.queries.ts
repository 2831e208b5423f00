import { Prisma, type User } from '../../generated/prisma/client.js';
import type { AuthenticatedUser } from '../../lib/auth/authenticate.js';
import { uuidList } from '../../lib/db/sql.js';
import type { Database, Transaction } from '../../lib/db/database.js';

/** What signing in needs of a user. */
export type Account = Omit<User, 'createdAt' | 'updatedAt'>;

/** The columns of an {@link Account}, for a raw query in which the table `users` has the alias `u`. */
const ACCOUNT_COLUMNS = Prisma.raw('u.id, u.username, u.email, u.role, u.password_hash AS "passwordHash"');

/** Creates an account with the role `user`. Returns null if its id exists already. */
export async function insertAccount(
  tx: Transaction,
  { id, username, email, passwordHash }: Omit<Account, 'role'>,
): Promise<Account | null> {
  const [created] = await tx.$queryRaw<Account[]>`
    INSERT INTO users AS u (id, username, email, password_hash)
    VALUES (${id}::uuid, ${username}, ${email}, ${passwordHash})
    ON CONFLICT (id) DO NOTHING
    RETURNING ${ACCOUNT_COLUMNS}`;
  return created ?? null;
}

/** The account with this e-mail, whatever its case; null if there is none. */
export async function findAccountByEmail(db: Database, email: string): Promise<Account | null> {
  // The expression of the unique index, which Prisma cannot write.
  const [account] = await db.$queryRaw<Account[]>`
    SELECT ${ACCOUNT_COLUMNS} FROM users u
    WHERE lower(u.email COLLATE "C") = lower(${email} COLLATE "C")`;
  return account ?? null;
}

/** The users with these ids that exist, in any order. */
export async function findUsers(db: Database, ids: readonly string[]): Promise<AuthenticatedUser[]> {
  const [{ users }] = await db.$queryRaw<[{ users: AuthenticatedUser[] }]>`
    SELECT coalesce(json_agg(json_build_object('id', u.id, 'username', u.username, 'role', u.role)), '[]') AS users
    FROM users u WHERE u.id = ANY(string_to_array(${uuidList(ids)}, ',')::uuid[])`;
  return users;
}

import { Prisma, type User } from '../../generated/prisma/client.js';
import type { Database, Transaction } from '../../lib/db/database.js';

/** What signing in needs of a user. */
export type Account = Pick<User, 'id' | 'username' | 'email' | 'role' | 'passwordHash' | 'tokenVersion' | 'disabledAt'>;

/** The columns of an {@link Account}, for a raw query in which the table `users` has the alias `u`. */
const ACCOUNT_COLUMNS = Prisma.raw(
  'u.id, u.username, u.email, u.role, u.password_hash AS "passwordHash", u.token_version AS "tokenVersion", u.disabled_at AS "disabledAt"',
);

/** Creates an account with the role `user`. Returns null if its id exists already. */
export async function insertAccount(
  tx: Transaction,
  { id, username, email, passwordHash }: Pick<Account, 'id' | 'username' | 'email' | 'passwordHash'>,
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

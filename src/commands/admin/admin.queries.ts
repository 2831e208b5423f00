import type { User } from '../../generated/prisma/client.js';
import type { Transaction } from '../../lib/db/database.js';

/** An account as the command prints it. */
export type AdminAccount = Pick<User, 'id' | 'username' | 'email' | 'role' | 'disabledAt' | 'erasedAt'>;

/** Creates an account with the role `admin`. */
export async function insertAdmin(
  tx: Transaction,
  { username, email, passwordHash }: Pick<User, 'username' | 'email' | 'passwordHash'>,
): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO users (username, email, password_hash, role) VALUES (${username}, ${email}, ${passwordHash}, 'admin')`;
}

/** Locks the account with this e-mail, whatever its case; null if there is none. */
export async function lockAccount(tx: Transaction, email: string): Promise<AdminAccount | null> {
  const [account] = await tx.$queryRaw<AdminAccount[]>`
    SELECT u.id, u.username, u.email, u.role, u.disabled_at AS "disabledAt", u.erased_at AS "erasedAt"
    FROM users u
    WHERE lower(u.email COLLATE "C") = lower(${email} COLLATE "C")
    FOR NO KEY UPDATE`;
  return account ?? null;
}

/** Locks all admins, in the order of their ids. */
export async function lockAllAdmins(tx: Transaction): Promise<AdminAccount[]> {
  return tx.$queryRaw<AdminAccount[]>`
    SELECT u.id, u.username, u.email, u.role, u.disabled_at AS "disabledAt", u.erased_at AS "erasedAt"
    FROM users u
    WHERE u.role = 'admin' ORDER BY u.id FOR NO KEY UPDATE`;
}

export async function writeRole(tx: Transaction, userId: string, role: User['role']): Promise<void> {
  await tx.$executeRaw`UPDATE users SET role = ${role}::user_role WHERE id = ${userId}::uuid`;
}

import bcrypt from 'bcryptjs';
import pg from 'pg';
import { OperatorError } from '../lib/errors/operator-error.js';
import { DEMO_PASSWORD, DEMO_USERS } from './demo-data.js';

/** The database has accounts with the well-known demo password. The message names them and says what to do. */
export class DefaultAccountsError extends OperatorError {}

/**
 * Checks that no demo account has the demo password.
 *
 * @throws {DefaultAccountsError} names those that have it.
 */
export async function assertNoDefaultAccounts(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ email: string; passwordHash: string }>(
    `SELECT email, password_hash AS "passwordHash" FROM users
      WHERE lower(email COLLATE "C") = ANY ($1) ORDER BY email COLLATE "C"`,
    [DEMO_USERS.map(({ email }) => email)],
  );
  const verdicts = await Promise.all(rows.map(({ passwordHash }) => bcrypt.compare(DEMO_PASSWORD, passwordHash)));
  const open = rows.filter((_, index) => verdicts[index]).map(({ email }) => email);
  if (open.length === 0) return;

  throw new DefaultAccountsError(
    `The database contains demo accounts with the well-known demo password: ${open.join(', ')}. ` +
      'Production does not start with them. Use a database without demo data; or lock these accounts, whose purchases ' +
      'stay, and start again:\n' +
      `  UPDATE users SET password_hash = 'locked' WHERE email IN (${open.map((email) => pg.escapeLiteral(email)).join(', ')});\n` +
      'To create an administrator, register an account and change its role: ' +
      "UPDATE users SET role = 'admin' WHERE email = '…';",
  );
}

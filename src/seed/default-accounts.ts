import bcrypt from 'bcryptjs';
import pg from 'pg';
import { OperatorError } from '../lib/errors/operator-error.js';
import { DEMO_PASSWORD, DEMO_USERS } from './demo-data.js';

/** Accounts whose password everybody knows; the message names them and says what to do. */
export class DefaultAccountsError extends OperatorError {
  override readonly name = 'DefaultAccountsError';
}

/**
 * Makes sure that no demo account can be signed in to with the demo password.
 *
 * @throws {DefaultAccountsError} naming those that can.
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
    `The database holds demo accounts that anybody can sign in to with the well-known demo password: ${open.join(', ')}. ` +
      'Production does not start with them. Use a database that never had the demo data; or lock these accounts, whose ' +
      'purchases stay, and start again:\n' +
      `  UPDATE users SET password_hash = 'locked' WHERE email IN (${open.map((email) => pg.escapeLiteral(email)).join(', ')});\n` +
      'An administrator of your own is an account that you register and then raise: ' +
      "UPDATE users SET role = 'admin' WHERE email = '…';",
  );
}

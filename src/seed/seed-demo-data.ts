import bcrypt from 'bcryptjs';
import pg from 'pg';
import type { Config } from '../lib/config/index.js';
import { OperatorError } from '../lib/errors/operator-error.js';
import type { Logger } from '../lib/logger.js';
import { addDrops } from './add-demo-drops.js';
import { addPurchases } from './add-demo-purchases.js';
import { addUsers } from './add-demo-users.js';
import { DEMO_PASSWORD, DEMO_USERS, type SeedCounts } from './demo-data.js';

/** bcrypt's work factor, as for every account. */
const COST = 10;

interface SeedReport {
  readonly users: SeedCounts;
  readonly drops: SeedCounts;
  readonly purchases: SeedCounts;
  /** Rows that are missing and could not be added, with the reason. */
  readonly skipped: string[];
}

/** Whether there is neither a user nor a drop. */
export async function isEmptyDatabase(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ empty: boolean }>(
    'SELECT NOT EXISTS (SELECT FROM users) AND NOT EXISTS (SELECT FROM drops) AS empty',
  );
  return rows[0]?.empty === true;
}

/**
 * Adds the demo data in one transaction: users (identified by their e-mail), drops and purchases (by their fixed ids). Existing
 * rows stay as they are, so that it may be repeated. Stock moves as in a purchase: the drop starts full, and each purchase is a
 * hold and then a sale, in the ledger as well.
 */
export async function seedDemoData(client: pg.ClientBase): Promise<SeedReport> {
  const passwordHash = await bcrypt.hash(DEMO_PASSWORD, COST);
  const skipped: string[] = [];
  await client.query('BEGIN');
  try {
    const users = await addUsers(client, passwordHash, skipped);
    const { dropIds, ...drops } = await addDrops(client);
    const purchases = await addPurchases(client, dropIds, skipped);
    await client.query('COMMIT');
    return { users, drops, purchases, skipped };
  } catch (error) {
    // After a lost connection this fails, and the server has rolled back.
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** The report as one sentence, and a line for each row that was skipped. */
export function describeSeedReport({ users, drops, purchases, skipped }: SeedReport): string {
  const kinds = { users, drops, purchases };
  const list = (member: keyof SeedCounts) =>
    Object.entries(kinds)
      .filter(([, counts]) => counts[member] > 0)
      .map(([name, counts]) => `${counts[member]} ${counts[member] === 1 ? name.slice(0, -1) : name}`)
      .join(', ');
  const added = list('added');
  const present = list('present');
  const parts = [
    added ? `added ${added}` : 'nothing to add',
    ...(present ? [`already present and unchanged: ${present}`] : []),
  ];
  return [`Demo data: ${parts.join('; ')}.`, ...skipped.map((line) => `  - skipped ${line}`)].join('\n');
}

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
  // On the main thread: at the start there is nothing else to do, and these are five accounts at most.
  const verdicts = await Promise.all(
    // Text in the form of a hash that is none is an error of bcrypt, and matches no password.
    rows.map(({ passwordHash }) => bcrypt.compare(DEMO_PASSWORD, passwordHash).catch(() => false)),
  );
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

/** Prepares the data at each start, under the migrations' lock: in development, an empty database is seeded. */
export function prepareData(config: Pick<Config, 'seed'>, logger: Logger) {
  return async (client: pg.Client): Promise<void> => {
    if (config.seed && (await isEmptyDatabase(client))) logger.info(describeSeedReport(await seedDemoData(client)));
  };
}

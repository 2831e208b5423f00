import bcrypt from 'bcryptjs';
import type pg from 'pg';
import { addDrops } from './add-demo-drops.js';
import { addPurchases } from './add-demo-purchases.js';
import { addUsers } from './add-demo-users.js';
import { DEMO_PASSWORD } from './demo-data.js';
import type { Tally } from './seed-summary.js';

/** bcrypt's work factor, that of every account. */
const COST = 10;

/** What seeding did. */
export interface SeedReport {
  readonly users: Tally;
  readonly drops: Tally;
  readonly purchases: Tally;
  /** What is missing and could not be added, each with the reason. */
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
 * Puts the demo data in, all of it or, if something fails, nothing: users (known by their e-mail), drops and purchases
 * (by their fixed ids). What is there already is left as it is, so it may be repeated. Stock moves as it does when
 * somebody buys: the drop starts full, and each purchase is a hold and then a sale, in the ledger too.
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
    // Where the connection is lost the server rolls back by itself.
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** The report as one sentence, and a line for each thing that was skipped. */
export function describeSeedReport({ users, drops, purchases, skipped }: SeedReport): string {
  const kinds = { users, drops, purchases };
  const list = (member: keyof Tally) =>
    Object.entries(kinds)
      .filter(([, tally]) => tally[member] > 0)
      .map(([name, tally]) => `${tally[member]} ${tally[member] === 1 ? name.slice(0, -1) : name}`)
      .join(', ');
  const added = list('added');
  const present = list('present');
  const parts = [
    added ? `added ${added}` : 'nothing to add',
    ...(present ? [`there already and left as they are: ${present}`] : []),
  ];
  return [`Demo data: ${parts.join('; ')}.`, ...skipped.map((line) => `  - skipped ${line}`)].join('\n');
}

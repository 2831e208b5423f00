import bcrypt from 'bcryptjs';
import type pg from 'pg';
import { DEMO_DROPS, DEMO_PASSWORD, DEMO_PURCHASES, DEMO_USERS } from './demo-data.js';

/** bcrypt's work factor, that of every account. */
const COST = 10;

interface Tally {
  added: number;
  /** Were there already, and were left as they are. */
  present: number;
}

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
    const drops = await addDrops(client);
    const purchases = await addPurchases(client, skipped);
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

async function addUsers(client: pg.ClientBase, passwordHash: string, skipped: string[]): Promise<Tally> {
  const tally = { added: 0, present: 0 };
  for (const { username, email, role } of DEMO_USERS) {
    const { rowCount } = await client.query(
      `INSERT INTO users (username, email, password_hash, role, created_at, updated_at)
       VALUES ($1, $2, $3, $4, now() - interval '30 days', now() - interval '30 days')
       ON CONFLICT DO NOTHING`,
      [username, email, passwordHash, role],
    );
    if (rowCount === 1) tally.added += 1;
    else if (await findUser(client, email)) tally.present += 1;
    else skipped.push(`user ${email}: somebody else has the username ${username}`);
  }
  return tally;
}

async function addDrops(client: pg.ClientBase): Promise<Tally> {
  const tally = { added: 0, present: 0 };
  for (const drop of DEMO_DROPS) {
    const { rowCount } = await client.query(
      `INSERT INTO drops (id, name, price, total_stock, image_url, limit_per_user, created_at, updated_at,
                          drop_starts_at, drop_ends_at, paused_at, cancelled_at)
       VALUES ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 min', now() + $7 * interval '1 min',
               now() + $8 * interval '1 min', now() + $9 * interval '1 min',
               now() + $10 * interval '1 min', now() + $11 * interval '1 min')
       ON CONFLICT (id) DO NOTHING`,
      [
        drop.id,
        drop.name,
        drop.price,
        drop.totalStock,
        drop.imageUrl,
        drop.limitPerUser,
        drop.createdAt,
        drop.startsAt ?? drop.createdAt,
        drop.endsAt,
        drop.pausedAt,
        drop.cancelledAt,
      ],
    );
    tally[rowCount === 1 ? 'added' : 'present'] += 1;
  }
  return tally;
}

async function addPurchases(client: pg.ClientBase, skipped: string[]): Promise<Tally> {
  const tally = { added: 0, present: 0 };
  for (const { id, reservationId, buyer, dropId, boughtAt } of DEMO_PURCHASES) {
    const userId = await findUser(client, buyer);
    // Drop first, then the rest: the lock order of the whole service.
    const stock = await lockDrop(client, dropId);
    const { rowCount: present } = await client.query('SELECT FROM purchases WHERE id = $1', [id]);
    if (present) {
      tally.present += 1;
    } else if (userId === undefined) {
      skipped.push(`purchase ${id}: its buyer ${buyer} is missing`);
    } else if (stock.available === 0 && !stock.hasUnclaimedSale) {
      skipped.push(`purchase ${id}: drop ${dropId} has no stock left`);
    } else {
      if (!stock.hasUnclaimedSale) await sellOne(client, dropId);
      await client.query(
        `INSERT INTO reservations (id, user_id, drop_id, status, created_at, updated_at, expires_at, settled_at)
         SELECT $1, $2, $3, 'completed', bought_at - interval '20 s', bought_at, bought_at + interval '40 s', bought_at
         FROM (SELECT now() + $4 * interval '1 min' AS bought_at) AS times
         ON CONFLICT (id) DO NOTHING`,
        [reservationId, userId, dropId, boughtAt],
      );
      await client.query(
        `INSERT INTO purchases (id, user_id, drop_id, reservation_id, price, created_at, updated_at)
         SELECT $1, $2, id, $3, price, now() + $4 * interval '1 min', now() + $4 * interval '1 min'
         FROM drops WHERE id = $5`,
        [id, userId, reservationId, boughtAt, dropId],
      );
      tally.added += 1;
    }
  }
  return tally;
}

async function findUser(client: pg.ClientBase, email: string): Promise<string | undefined> {
  const { rows } = await client.query<{ id: string }>('SELECT id FROM users WHERE lower(email) = lower($1)', [email]);
  return rows[0]?.id;
}

/** Locks the drop and reads its stock. A sale is unclaimed when somebody deleted the row of its purchase by hand. */
async function lockDrop(client: pg.ClientBase, dropId: string) {
  // A statement of its own: the next one's snapshot is younger than the lock.
  await client.query('SELECT FROM drops WHERE id = $1 FOR UPDATE', [dropId]);
  const { rows } = await client.query<{ available: number; hasUnclaimedSale: boolean }>(
    `SELECT available_stock AS available,
            sold_stock > (SELECT count(*) FROM purchases WHERE drop_id = drops.id) AS "hasUnclaimedSale"
     FROM drops WHERE id = $1`,
    [dropId],
  );
  const [stock] = rows;
  if (!stock) throw new Error(`There is no drop ${dropId}, which was added a moment ago`);
  return stock;
}

async function sellOne(client: pg.ClientBase, dropId: string): Promise<void> {
  await client.query(
    'UPDATE drops SET available_stock = available_stock - 1, reserved_stock = reserved_stock + 1 WHERE id = $1',
    [dropId],
  );
  await client.query(
    'UPDATE drops SET reserved_stock = reserved_stock - 1, sold_stock = sold_stock + 1 WHERE id = $1',
    [dropId],
  );
}

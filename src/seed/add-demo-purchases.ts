import type pg from 'pg';
import { findUser } from './add-demo-users.js';
import { DEMO_PURCHASES, type SeedCounts } from './demo-data.js';

/**
 * Adds the missing demo purchases for which a unit is free. Stock moves as in a purchase: first held, then sold.
 */
export async function addPurchases(
  client: pg.ClientBase,
  dropIds: ReadonlyMap<string, string>,
  skipped: string[],
): Promise<SeedCounts> {
  const counts = { added: 0, present: 0 };
  for (const { id, reservationId, buyer, boughtAt, ...purchase } of DEMO_PURCHASES) {
    const dropId = dropIds.get(purchase.dropId) ?? purchase.dropId;
    const userId = await findUser(client, buyer);
    // Drop first, then the rest: the lock order of the whole service.
    const stock = await lockDrop(client, dropId);
    const { rowCount: present } = await client.query('SELECT FROM purchases WHERE id = $1', [id]);
    if (present) {
      counts.present += 1;
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
      counts.added += 1;
    }
  }
  return counts;
}

/** Locks the drop and reads its stock. A sale is unclaimed if the row of its purchase was deleted by hand. */
async function lockDrop(client: pg.ClientBase, dropId: string) {
  // A separate statement, so that the next one sees what was committed before the lock.
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

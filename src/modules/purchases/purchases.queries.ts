import { PURCHASE_COLUMNS, type PurchaseJson } from '../../inventory/queries/purchase.queries.js';
import type { Database } from '../../lib/db/database.js';
import type { PurchasedDrop } from './purchases.schema.js';

interface PurchasePage {
  readonly purchases: readonly PurchaseJson[];
  /** The drops of these purchases, in any order. */
  readonly drops: readonly PurchasedDrop[];
  /** On all pages. */
  readonly totalItems: number;
}

/**
 * One page of a user's purchases, newest first; the id breaks ties. In one row of JSON, which Prisma reads faster than a hundred
 * rows, and with each drop once. The drops are found by their ids: for a join, PostgreSQL may read every drop.
 *
 * `price >= 0` is true for every purchase: it is the condition of the index of this list, which no other lookup may use
 * (docs/adr/0039).
 */
export async function findPurchasePage(
  db: Database,
  userId: string,
  { page, pageSize }: { page: number; pageSize: number },
): Promise<PurchasePage> {
  const [found] = await db.$queryRaw<[PurchasePage]>`
    WITH page AS MATERIALIZED (
      SELECT * FROM purchases
      WHERE user_id = ${userId}::uuid AND price >= 0
      ORDER BY created_at DESC, id DESC
      LIMIT ${pageSize} OFFSET ${(page - 1) * pageSize}
    )
    SELECT (SELECT count(*)::int FROM purchases WHERE user_id = ${userId}::uuid AND price >= 0) AS "totalItems",
           (SELECT coalesce(json_agg(listed), '[]')
            FROM (SELECT ${PURCHASE_COLUMNS} FROM page p ORDER BY p.created_at DESC, p.id DESC) listed) AS purchases,
           (SELECT coalesce(json_agg(bought), '[]')
            FROM (SELECT id, name, price::text AS price, image_url AS "imageUrl" FROM drops
                  WHERE id = ANY(ARRAY(SELECT drop_id FROM page))) bought) AS drops`;
  return found;
}

import type { Database } from '../../lib/db/database.js';
import { isoColumn } from '../../lib/db/sql.js';

interface PurchasePage {
  /**
   * JSON: a list of purchases with their drops in the form of the API, but with the URLs of pictures as they are stored. Each URL
   * stands on a line of its own, and there is no other line break.
   */
  readonly purchases: string;
  /** On all pages. */
  readonly totalItems: number;
}

/**
 * One page of a user's purchases, newest first; the id breaks ties. As JSON text, so that the process does
 * not convert a hundred rows. Each drop is found by its id: for a join, PostgreSQL may read every drop.
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
           (SELECT '[' || coalesce(string_agg(row_to_json(listed)::text, ','), '') || ']' FROM (
              SELECT p.id, p.user_id AS "userId", p.drop_id AS "dropId", p.reservation_id AS "reservationId",
                     p.price::text AS price,
                     ${isoColumn('p.created_at')} AS "createdAt", ${isoColumn('p.updated_at')} AS "updatedAt",
                     (SELECT row_to_json(bought) FROM (
                        SELECT d.id, d.name, d.price::text AS price, d.currency,
                               (chr(10) || coalesce(to_json(d.image_url)::text, 'null') || chr(10))::json AS "imageUrl"
                        FROM drops d WHERE d.id = p.drop_id) bought) AS "Drop"
              FROM page p ORDER BY p.created_at DESC, p.id DESC) listed) AS purchases`;
  return found;
}

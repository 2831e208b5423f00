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
 * not convert a hundred rows. Only texts need the escapes of to_json(): row_to_json() takes longer. Each drop is found by its id: for a join, PostgreSQL may read every drop.
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
           (SELECT '[' || coalesce(string_agg(
                     '{"id":"' || p.id || '","userId":"' || p.user_id || '","dropId":"' || p.drop_id
                     || '","reservationId":"' || p.reservation_id || '","price":"' || p.price
                     || '","createdAt":"' || ${isoColumn('p.created_at')} || '","updatedAt":"' || ${isoColumn('p.updated_at')}
                     || '","Drop":' || (
                       SELECT '{"id":"' || d.id || '","name":' || to_json(d.name) || ',"price":"' || d.price
                              || '","currency":' || to_json(d.currency)
                              || ',"imageUrl":' || chr(10) || coalesce(to_json(d.image_url)::text, 'null') || chr(10) || '}'
                       FROM drops d WHERE d.id = p.drop_id)
                     || '}', ',' ORDER BY p.created_at DESC, p.id DESC), '') || ']' FROM page p) AS purchases`;
  return found;
}

/**
 * One page of what a user has bought of one drop, in the form of {@link findPurchasePage}. The purchases are found by the completed
 * reservations of the user and the drop, in the index in which the limit of the drop is counted: an index of purchases would serve
 * other lookups almost as well (docs/adr/0039). All of them are read; they are few.
 */
export async function findPurchasePageOfDrop(
  db: Database,
  userId: string,
  dropId: string,
  { page, pageSize }: { page: number; pageSize: number },
): Promise<PurchasePage> {
  const [found] = await db.$queryRaw<[PurchasePage]>`
    WITH own AS MATERIALIZED (
      SELECT p.*
      FROM (SELECT id FROM reservations
            WHERE user_id = ${userId}::uuid AND drop_id = ${dropId}::uuid AND status = 'completed' OFFSET 0) completed
      CROSS JOIN LATERAL (SELECT * FROM purchases WHERE reservation_id = completed.id OFFSET 0) p
    ), page AS MATERIALIZED (
      SELECT * FROM own
      ORDER BY created_at DESC, id DESC
      LIMIT ${pageSize} OFFSET ${(page - 1) * pageSize}
    )
    SELECT (SELECT count(*)::int FROM own) AS "totalItems",
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

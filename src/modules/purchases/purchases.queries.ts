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

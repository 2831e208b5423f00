import { Prisma } from '../../generated/prisma/client.js';
import type { DropRow } from '../../inventory/drop-row.js';
import type { DropResponse } from './drops.schema.js';

/** A drop with its latest purchasers, newest first, as raw queries read it. */
export type DropWithPurchasers = DropRow & { topPurchasers: DropResponse['topPurchasers'] };

/**
 * For a query of drops, called `d`: the latest three purchasers of each as `purchasers.list`; null if there are none.
 *
 * For each drop, LATERAL reads the first three entries of purchases_drop_id_created_at_id_idx and stops, however many there
 * are: their order is the index's. A join over all purchases, or Prisma's nested take, reads every one.
 */
export const TOP_PURCHASERS = Prisma.sql`
  LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object('id', latest.id, 'username', latest.username, 'purchasedAt', latest.created_at)
                     ORDER BY latest.created_at DESC, latest.id DESC) AS list
    FROM (SELECT u.username, p.created_at, p.id
          FROM purchases p JOIN users u ON u.id = p.user_id
          WHERE p.drop_id = d.id
          ORDER BY p.created_at DESC, p.id DESC
          LIMIT 3) latest
  ) purchasers ON true`;

import { MOVEMENT_COLUMNS } from '../../inventory/queries/movement.queries.js';
import type { Database } from '../../lib/db/database.js';
import type { LedgerEntry } from './stock.schema.js';

/** A row of the ledger in JSON: times are text. */
export type LedgerRow = LedgerEntry;

/** The movements of a drop with versions after the given one, in their order. In one row of JSON, which Prisma reads faster. */
export async function findLedger(
  db: Database,
  dropId: string,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<LedgerRow[]> {
  const [{ rows }] = await db.$queryRaw<[{ rows: LedgerRow[] }]>`
    SELECT coalesce(json_agg(listed ORDER BY listed.version), '[]') AS rows FROM (
      SELECT ${MOVEMENT_COLUMNS},
             CASE WHEN m.actor_id IS NOT NULL THEN json_build_object('id', m.actor_id, 'username', actor.username) END AS actor,
             m.actor_role AS role
      FROM (SELECT * FROM stock_movements
            WHERE drop_id = ${dropId}::uuid AND version > ${after}::int
            ORDER BY version
            LIMIT ${limit}) m
      -- OFFSET 0 makes PostgreSQL look up each admin; a join could read all users.
      LEFT JOIN LATERAL (SELECT u.username FROM users u WHERE u.id = m.actor_id OFFSET 0) actor ON true) listed`;
  return rows;
}

/** Whether the drop exists. Its ledger remains after it was deleted. */
export async function dropExists(db: Database, dropId: string): Promise<boolean> {
  return (await db.drop.count({ where: { id: dropId } })) > 0;
}

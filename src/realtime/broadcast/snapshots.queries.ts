import { INVENTORY_COLUMNS, type InventoryRow } from '../../inventory/drop-row.js';
import type { Database } from '../../lib/db/database.js';
import { MAX_SNAPSHOT_DROPS } from '../events.js';

/** The clock and the epoch of the database, and a drop; the first row has no drop if none was found. */
type SnapshotRow = { readonly serverTime: Date; readonly epoch: string } & (
  (InventoryRow & { readonly changedRecently: boolean }) | { readonly id: null }
);

/** A change that is older than this has been sent to all followers. */
const RECENT_SECONDS = 60;

/** The snapshots of these drops that exist and are published, the newest drop first. Returns at least one row. */
export async function findSnapshots(db: Database, dropIds: readonly string[]): Promise<SnapshotRow[]> {
  return db.$queryRaw<SnapshotRow[]>`
    SELECT clock_timestamp() AS "serverTime", (SELECT database_epoch()) AS epoch, ${INVENTORY_COLUMNS},
           d.updated_at > clock_timestamp() - make_interval(secs => ${RECENT_SECONDS}) AS "changedRecently"
    FROM (SELECT) AS always
    LEFT JOIN (SELECT * FROM drops WHERE id = ANY(${dropIds}::uuid[]) AND published_at IS NOT NULL) d ON true
    ORDER BY d.created_at DESC, d.id DESC`;
}

/** The snapshots of the newest published drops, the newest first. Returns at least one row. */
export async function findNewestSnapshots(db: Database): Promise<SnapshotRow[]> {
  return db.$queryRaw<SnapshotRow[]>`
    SELECT clock_timestamp() AS "serverTime", (SELECT database_epoch()) AS epoch, ${INVENTORY_COLUMNS},
           d.updated_at > clock_timestamp() - make_interval(secs => ${RECENT_SECONDS}) AS "changedRecently"
    FROM (SELECT) AS always
    LEFT JOIN (SELECT * FROM drops WHERE published_at IS NOT NULL
               ORDER BY created_at DESC, id DESC LIMIT ${MAX_SNAPSHOT_DROPS}) d ON true
    ORDER BY d.created_at DESC, d.id DESC`;
}

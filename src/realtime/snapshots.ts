import { Prisma } from '../generated/prisma/client.js';
import type { Database } from '../lib/db/database.js';
import type { DropStatus } from '../lib/stock/stock.schema.js';
import { toIso } from '../lib/time.js';
import type { ReadPicture } from './broadcaster.js';
import { SNAPSHOT_OF_ALL } from './events.js';

/** How drops stand, and when that was read, by the database's clock. */
export interface Snapshot {
  readonly read: readonly ReadPicture[];
  readonly serverTime: string;
}

/** Reads how drops stand: those named that exist, or without names the newest of all. */
export type ReadSnapshot = (dropIds?: readonly string[]) => Promise<Snapshot>;

/** s. A change older than this has reached everybody. */
const LATELY = 60;

interface SnapshotRow {
  readonly serverTime: Date;
  /** Null in the one row of a read that found no drop. */
  readonly dropId: string | null;
  readonly availableStock: number;
  readonly reservedStock: number;
  readonly soldStock: number;
  readonly totalStock: number;
  readonly version: number;
  readonly status: DropStatus;
  readonly changedLately: boolean;
}

export function createReadSnapshot(db: Database): ReadSnapshot {
  return async (dropIds) => {
    const drops = dropIds
      ? Prisma.sql`SELECT * FROM drops WHERE id = ANY(${dropIds}::uuid[])`
      : Prisma.sql`SELECT * FROM drops ORDER BY created_at DESC, id DESC LIMIT ${SNAPSHOT_OF_ALL}`;
    const rows = await db.$queryRaw<SnapshotRow[]>`
      SELECT clock_timestamp() AS "serverTime", d.id AS "dropId", d.available_stock AS "availableStock",
             d.reserved_stock AS "reservedStock", d.sold_stock AS "soldStock", d.total_stock AS "totalStock", d.version,
             drop_status(d) AS status,
             d.updated_at > clock_timestamp() - make_interval(secs => ${LATELY}) AS "changedLately"
      FROM (SELECT) AS always LEFT JOIN (${drops}) d ON true
      ORDER BY d.created_at DESC, d.id DESC`;
    const read = rows.flatMap(({ serverTime: _serverTime, changedLately, dropId, ...stock }) =>
      dropId === null ? [] : [{ picture: { dropId, ...stock }, changedLately }],
    );
    return { read, serverTime: toIso(rows[0]?.serverTime ?? new Date()) };
  };
}

import { Prisma } from '../../generated/prisma/client.js';
import { createBatcher } from '../../lib/batcher.js';
import type { Database } from '../../lib/db/database.js';
import type { DropStatus } from '../../inventory/inventory.schema.js';
import { toIso } from '../../lib/time.js';
import type { ReadPicture } from './broadcaster.js';
import { MAX_SNAPSHOT_DROPS } from '../events.js';

/** How drops stand, and when that was read, by the database's clock. */
export interface Snapshot {
  readonly read: readonly ReadPicture[];
  readonly serverTime: string;
  /** Of the database that it was read from. */
  readonly epoch: string;
}

/**
 * Reads how drops stand: those named that exist, or without names the newest of all. The read begins after the call; when
 * a crowd reconnects at once, one read serves many.
 *
 * @throws {OverloadedError} or what the database says.
 */
export type ReadSnapshot = (dropIds?: readonly string[]) => Promise<Snapshot>;

/** s. A change older than this has reached everybody. */
const LATELY = 60;
/** Calls that share a read, at most: of a hundred drops each. */
const CALLS_PER_READ = 50;
/** Of the pool's connections. */
const READS_AT_ONCE = 2;
const NAMED = 'named';
const ALL = 'all';

interface SnapshotRow {
  readonly serverTime: Date;
  readonly epoch: string;
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
  async function read(dropIds?: readonly string[]): Promise<Snapshot> {
    const drops = dropIds
      ? Prisma.sql`SELECT * FROM drops WHERE id = ANY(${dropIds}::uuid[])`
      : Prisma.sql`SELECT * FROM drops ORDER BY created_at DESC, id DESC LIMIT ${MAX_SNAPSHOT_DROPS}`;
    const rows = await db.$queryRaw<SnapshotRow[]>`
      SELECT clock_timestamp() AS "serverTime", (SELECT database_epoch()) AS epoch, d.id AS "dropId", d.available_stock AS "availableStock",
             d.reserved_stock AS "reservedStock", d.sold_stock AS "soldStock", d.total_stock AS "totalStock", d.version,
             drop_status(d) AS status,
             d.updated_at > clock_timestamp() - make_interval(secs => ${LATELY}) AS "changedLately"
      FROM (SELECT) AS always LEFT JOIN (${drops}) d ON true
      ORDER BY d.created_at DESC, d.id DESC`;
    const pictures = rows.flatMap(({ serverTime: _serverTime, epoch: _epoch, changedLately, dropId, ...stock }) =>
      dropId === null ? [] : [{ picture: { dropId, ...stock }, changedLately }],
    );
    const [first] = rows;
    if (!first) throw new Error('a snapshot has one row at least');
    return { read: pictures, serverTime: toIso(first.serverTime), epoch: first.epoch };
  }

  const reads = createBatcher<readonly string[], Snapshot>({
    maxBatch: CALLS_PER_READ,
    maxRunning: READS_AT_ONCE,
    async run(key, calls) {
      if (key === ALL) {
        const newest = await read();
        return calls.map(() => newest);
      }
      const { read: all, ...about } = await read([...new Set(calls.flat())]);
      const byId = new Map(all.map((each) => [each.picture.dropId, each]));
      return calls.map((dropIds) => ({ read: dropIds.flatMap((id) => byId.get(id) ?? []), ...about }));
    },
  });
  return (dropIds) => reads.submit(dropIds ? NAMED : ALL, dropIds ?? []);
}

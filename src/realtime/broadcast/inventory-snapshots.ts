import type { InventorySnapshot } from '../../client/inventory-snapshot.js';
import { Prisma } from '../../generated/prisma/client.js';
import { INVENTORY_COLUMNS, type InventoryRow } from '../../inventory/drop-row.js';
import { toInventoryUpdate } from '../../inventory/inventory.schema.js';
import { createBatcher } from '../../lib/batcher.js';
import type { Database } from '../../lib/db/database.js';
import { toIso } from '../../lib/time.js';
import { MAX_SNAPSHOT_DROPS } from '../events.js';

export interface LoadedSnapshot {
  readonly snapshot: InventorySnapshot;
  /** Whether the drop changed so recently that the change may not have been sent to all followers yet. */
  readonly changedRecently: boolean;
}

interface LoadedSnapshots {
  readonly loaded: readonly LoadedSnapshot[];
  /** The database's clock. */
  readonly serverTime: string;
  /** Identifies the database that was read. */
  readonly epoch: string;
}

/**
 * Reads the snapshots of the named drops that exist; without ids, of the newest drops. The read begins after the call.
 * Concurrent calls share a read.
 *
 * @throws {OverloadedError} if too many calls wait, and database errors.
 */
export type ReadSnapshots = (dropIds?: readonly string[]) => Promise<LoadedSnapshots>;

/** A change that is older than this has been sent to all followers. */
const RECENT_SECONDS = 60;
/** Each call names up to a hundred drops. */
const MAX_CALLS_PER_READ = 50;
/** A small share of the pool's connections. */
const MAX_CONCURRENT_READS = 2;
const NAMED = 'named';
const NEWEST = 'newest';

interface ReadHeader {
  readonly serverTime: Date;
  readonly epoch: string;
}
type SnapshotRow = InventoryRow & Pick<LoadedSnapshot, 'changedRecently'>;

interface ReadSnapshotsDependencies {
  readonly db: Database;
  /** How long a call may wait, as in {@link createBatcher}. */
  readonly queueTimeoutMs?: number | undefined;
}

export function createReadSnapshots({ db, queueTimeoutMs }: ReadSnapshotsDependencies): ReadSnapshots {
  async function read(dropIds?: readonly string[]): Promise<LoadedSnapshots> {
    const drops = dropIds
      ? Prisma.sql`SELECT * FROM drops WHERE id = ANY(${dropIds}::uuid[])`
      : Prisma.sql`SELECT * FROM drops ORDER BY created_at DESC, id DESC LIMIT ${MAX_SNAPSHOT_DROPS}`;
    // The join returns one row without a drop if none was found.
    const rows = await db.$queryRaw<(ReadHeader & (SnapshotRow | { readonly id: null }))[]>`
      SELECT clock_timestamp() AS "serverTime", (SELECT database_epoch()) AS epoch, ${INVENTORY_COLUMNS},
             d.updated_at > clock_timestamp() - make_interval(secs => ${RECENT_SECONDS}) AS "changedRecently"
      FROM (SELECT) AS always LEFT JOIN (${drops}) d ON true
      ORDER BY d.created_at DESC, d.id DESC`;
    const [first] = rows;
    if (!first) throw new Error('The query for snapshots returned no row');
    return {
      loaded: rows.flatMap((row) =>
        row.id === null ? [] : { snapshot: toInventoryUpdate(row), changedRecently: row.changedRecently },
      ),
      serverTime: toIso(first.serverTime),
      epoch: first.epoch,
    };
  }

  const reads = createBatcher<readonly string[], LoadedSnapshots>({
    maxBatchSize: MAX_CALLS_PER_READ,
    maxRunning: MAX_CONCURRENT_READS,
    queueTimeoutMs,
    async run(key, calls) {
      if (key === NEWEST) {
        const newest = await read();
        return calls.map(() => newest);
      }
      const { loaded, ...header } = await read([...new Set(calls.flat())]);
      const byId = new Map(loaded.map((each) => [each.snapshot.dropId, each]));
      return calls.map((dropIds) => ({ loaded: dropIds.flatMap((id) => byId.get(id) ?? []), ...header }));
    },
  });
  return (dropIds) => reads.submit(dropIds ? NAMED : NEWEST, dropIds ?? []);
}

import { toInventorySnapshot, type InventorySnapshot } from '../../inventory/inventory-snapshot.js';
import { createBatcher } from '../../lib/batcher.js';
import type { Database } from '../../lib/db/database.js';
import { toIso } from '../../lib/time.js';
import { findNewestSnapshots, findSnapshots } from './snapshots.queries.js';

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
 * Reads the snapshots of the named drops that exist and are published; without ids, of the newest published ones. The read begins
 * after the call.
 * Concurrent calls share a read.
 *
 * @throws {OverloadedError} if too many calls wait, and database errors.
 */
export type ReadSnapshots = (dropIds?: readonly string[]) => Promise<LoadedSnapshots>;

/** Each call names up to a hundred drops. */
const MAX_CALLS_PER_READ = 50;
/** A small share of the pool's connections. */
const MAX_CONCURRENT_READS = 2;
const NAMED = 'named';
const NEWEST = 'newest';

interface ReadSnapshotsDependencies {
  readonly db: Database;
  /** How long a call may wait, as in {@link createBatcher}. */
  readonly queueTimeoutMs?: number | undefined;
}

export function createReadSnapshots({ db, queueTimeoutMs }: ReadSnapshotsDependencies): ReadSnapshots {
  async function read(dropIds?: readonly string[]): Promise<LoadedSnapshots> {
    const rows = await (dropIds ? findSnapshots(db, dropIds) : findNewestSnapshots(db));
    const [first] = rows;
    if (!first) throw new Error('The query for snapshots returned no row');
    return {
      loaded: rows.flatMap((row) =>
        row.id === null ? [] : { snapshot: toInventorySnapshot(row), changedRecently: row.changedRecently },
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

import { isNewer, withSnapshot, type InventorySnapshot } from '../../../src/inventory/inventory-snapshot.js';
import type { Drop } from '../api/client.js';

/**
 * The drop with the newer stock of the two: as it was fetched, or of the feed's snapshot. The same object if the snapshot is
 * not newer.
 */
export function newest(drop: Drop, snapshot: InventorySnapshot | undefined): Drop {
  return snapshot && isNewer(snapshot, drop) ? withSnapshot(drop, snapshot) : drop;
}

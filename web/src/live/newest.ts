import { isNewer, type InventorySnapshot } from '../../../src/inventory/inventory-snapshot.js';
import type { Drop } from '../api/client.js';

/**
 * The drop with the newer stock of the two: as it was fetched, or of the feed's snapshot. The same object if the snapshot is
 * not newer.
 */
export function newest(drop: Drop, snapshot: InventorySnapshot | undefined): Drop {
  if (!snapshot || !isNewer(snapshot, drop)) return drop;
  const { dropId: _dropId, ...stock } = snapshot;
  return { ...drop, ...stock };
}

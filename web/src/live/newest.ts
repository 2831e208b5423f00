import { isNewer, type InventorySnapshot } from '../../../src/client/inventory-snapshot.js';
import type { Drop } from '../api/client.js';

/**
 * The drop with its stock as it stands at the newer of the two: as it was fetched, or as the feed tells. The very same
 * object if the feed has nothing newer.
 */
export function newest(drop: Drop, picture: InventorySnapshot | undefined): Drop {
  if (!picture || !isNewer(picture, drop)) return drop;
  const { dropId: _dropId, ...stock } = picture;
  return { ...drop, ...stock };
}

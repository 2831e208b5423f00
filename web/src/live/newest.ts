import type { DropPicture } from '../../../src/client/index.js';
import type { Drop } from '../api/client.js';

/**
 * The drop with its stock as it stands at the newer of the two: as it was fetched, or as the feed tells. The very same
 * object if the feed has nothing newer.
 */
export function newest(drop: Drop, picture: DropPicture | undefined): Drop {
  if (!picture || !isNewer(picture, drop)) return drop;
  const { dropId: _dropId, ...stock } = picture;
  return { ...drop, ...stock };
}

/** At one version a drop still starts and ends with the time, and never the other way round. */
function isNewer(picture: DropPicture, drop: Drop): boolean {
  if (picture.version !== drop.version) return picture.version > drop.version;
  return picture.status !== drop.status && (drop.status === 'scheduled' || picture.status === 'ended');
}

import type { ServerEventPayloads } from '../realtime/events.js';

/** How a drop's stock stands, at one version. */
export type DropPicture = Readonly<Omit<ServerEventPayloads['inventory_update'], 'epoch'>>;

/** The newest picture of each drop. What is handed out stays the same object as long as nothing changed. */
export interface Pictures {
  get(dropId: string): DropPicture | undefined;
  all(): readonly DropPicture[];
  /** Keeps the picture if it is news, and says whether it was. */
  take(picture: DropPicture): boolean;
  /** Forgets a drop, and returns whether it was known. */
  remove(dropId: string): boolean;
}

export function createPictures(): Pictures {
  const newest = new Map<string, DropPicture>();
  let list: readonly DropPicture[] = [];

  const changed = () => {
    list = Object.freeze([...newest.values()]);
    return true;
  };

  return {
    get: (dropId) => newest.get(dropId),
    all: () => list,
    take(picture) {
      const known = newest.get(picture.dropId);
      if (known && !isNews(picture, known)) return false;
      newest.set(picture.dropId, Object.freeze({ ...picture }));
      return changed();
    },
    remove: (dropId) => newest.delete(dropId) && changed(),
  };
}

/**
 * A higher version always is. At one version a drop still starts and ends with the time, and never the other way round.
 */
function isNews(picture: DropPicture, known: DropPicture): boolean {
  if (picture.version !== known.version) return picture.version > known.version;
  return picture.status !== known.status && (known.status === 'scheduled' || picture.status === 'ended');
}

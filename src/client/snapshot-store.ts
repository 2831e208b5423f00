import { isNewer, type InventorySnapshot } from './inventory-snapshot.js';

/** The newest snapshot of each drop. Returned objects keep their identity until they change. */
export interface SnapshotStore {
  get(dropId: string): InventorySnapshot | undefined;
  all(): readonly InventorySnapshot[];
  /** Stores the snapshot if it is newer than the stored one; returns whether it was. */
  put(snapshot: InventorySnapshot): boolean;
  /** Removes the snapshot of a drop; returns whether there was one. */
  remove(dropId: string): boolean;
}

export function createSnapshotStore(): SnapshotStore {
  const newest = new Map<string, InventorySnapshot>();
  let list: readonly InventorySnapshot[] = [];

  function updateList(): true {
    list = Object.freeze([...newest.values()]);
    return true;
  }

  return {
    get: (dropId) => newest.get(dropId),
    all: () => list,
    put(snapshot) {
      const current = newest.get(snapshot.dropId);
      if (current && !isNewer(snapshot, current)) return false;
      newest.set(snapshot.dropId, Object.freeze({ ...snapshot }));
      return updateList();
    },
    remove: (dropId) => newest.delete(dropId) && updateList(),
  };
}

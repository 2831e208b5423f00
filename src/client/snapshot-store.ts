import { isNewer, type InventorySnapshot } from '../inventory/inventory-snapshot.js';

/** Stores the newest snapshot of each drop. Returned objects keep their identity until they change. */
export function createSnapshotStore() {
  const newest = new Map<string, InventorySnapshot>();
  let list: readonly InventorySnapshot[] = [];

  function updateList(): true {
    list = Object.freeze([...newest.values()]);
    return true;
  }

  return {
    get: (dropId: string) => newest.get(dropId),
    all: () => list,
    /** Stores the snapshot if it is newer than the stored one; returns whether it was. */
    put(snapshot: InventorySnapshot): boolean {
      const current = newest.get(snapshot.dropId);
      if (current && !isNewer(snapshot, current)) return false;
      newest.set(snapshot.dropId, Object.freeze({ ...snapshot }));
      return updateList();
    },
    /** Removes the snapshot of a drop; returns whether there was one. */
    remove: (dropId: string) => newest.delete(dropId) && updateList(),
  };
}

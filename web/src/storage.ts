/** The part of `Storage` that the page uses. */
export type KeyValueStore = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/**
 * A storage of the browser that never throws. Values that the browser refuses to store (site data is blocked, the quota is
 * used up) are kept in memory until the page is reloaded.
 *
 * @param open Returns the storage. Throws where site data is blocked.
 */
export function guardStorage(open: () => Storage): KeyValueStore {
  /** Values that could not be written; null: an item that could not be removed. */
  const unwritten = new Map<string, string | null>();

  function attempt<Result>(work: (storage: Storage) => Result): { result: Result } | null {
    try {
      return { result: work(open()) };
    } catch {
      return null;
    }
  }

  return {
    getItem(key) {
      const kept = unwritten.get(key);
      return kept !== undefined ? kept : (attempt((storage) => storage.getItem(key))?.result ?? null);
    },
    setItem(key, value) {
      const isWritten = attempt((storage) => {
        storage.setItem(key, value);
      });
      if (isWritten) {
        unwritten.delete(key);
        return;
      }
      unwritten.set(key, value);
      // The older value must not return with the next load of the page.
      attempt((storage) => {
        storage.removeItem(key);
      });
    },
    removeItem(key) {
      const isRemoved = attempt((storage) => {
        storage.removeItem(key);
      });
      if (isRemoved) unwritten.delete(key);
      else unwritten.set(key, null);
    },
  };
}

/** `localStorage`, which all windows of a browser share. */
export const sharedStorage = guardStorage(() => window.localStorage);

/** `sessionStorage`, which is this window's alone. */
export const windowStorage = guardStorage(() => window.sessionStorage);

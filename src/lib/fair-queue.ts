/** Entries that wait, each of a key. The keys take turns, and the entries of a lower rank come first. */
export interface FairQueue<Entry> {
  add(key: string, rank: number, entry: Entry): void;
  /** Moves the entries of a key that have a lower rank to this one. */
  demote(key: string, rank: number): void;
  /** Removes and returns the next entry; undefined if there is none. */
  take(): Entry | undefined;
  /** The entries of a key and a rank. */
  sizeOf(key: string, rank: number): number;
  /** How many entries would come before one that is added now. */
  countBefore(key: string, rank: number): number;
  /** One of the entries that were added first to their keys: that which was added before the others, by `since`. */
  oldest(): Entry | undefined;
  /** Removes the entries of every key from its first one up to the first that is to be kept. */
  removeUntil(isKept: (entry: Entry) => boolean): Entry[];
  size(): number;
}

/** Makes an empty queue. @param Entry its `since` rises with every entry. */
export function createFairQueue<Entry extends { readonly since: number }>(): FairQueue<Entry> {
  /** By rank, then by key in the order of the turns; a served key moves to the end. No list is empty. */
  const ranks: Map<string, Entry[]>[] = [];
  let size = 0;

  function listsOf(rank: number): Map<string, Entry[]> {
    while (ranks.length <= rank) ranks.push(new Map());
    return ranks[rank] as Map<string, Entry[]>;
  }

  return {
    add(key, rank, entry) {
      const byKey = listsOf(rank);
      const entries = byKey.get(key);
      if (entries) entries.push(entry);
      else byKey.set(key, [entry]);
      size += 1;
    },

    demote(key, rank) {
      for (const byKey of ranks.slice(0, rank)) {
        const entries = byKey.get(key);
        if (!entries) continue;
        byKey.delete(key);
        const later = listsOf(rank).get(key) ?? [];
        listsOf(rank).set(key, [...entries, ...later]);
      }
    },

    take() {
      const byKey = ranks.find(({ size }) => size > 0);
      const [turn] = byKey ?? [];
      if (!byKey || !turn) return undefined;
      const [key, entries] = turn;
      const next = entries.shift();
      byKey.delete(key);
      if (entries.length > 0) byKey.set(key, entries);
      size -= 1;
      return next;
    },

    sizeOf: (key, rank) => listsOf(rank).get(key)?.length ?? 0,

    countBefore(key, rank) {
      const ownCount = listsOf(rank).get(key)?.length ?? 0;
      let count = ownCount;
      for (const [otherKey, entries] of listsOf(rank)) {
        if (otherKey !== key) count += Math.min(entries.length, ownCount + 1);
      }
      for (const byKey of ranks.slice(0, rank)) for (const entries of byKey.values()) count += entries.length;
      return count;
    },

    oldest() {
      let oldest: Entry | undefined;
      for (const byKey of ranks) {
        for (const [first] of byKey.values()) if (first && (!oldest || first.since < oldest.since)) oldest = first;
      }
      return oldest;
    },

    removeUntil(isKept) {
      const removed: Entry[] = [];
      for (const byKey of ranks) {
        for (const [key, entries] of byKey) {
          const kept = entries.findIndex(isKept);
          removed.push(...entries.splice(0, kept === -1 ? entries.length : kept));
          if (entries.length === 0) byKey.delete(key);
        }
      }
      size -= removed.length;
      return removed;
    },

    size: () => size,
  };
}

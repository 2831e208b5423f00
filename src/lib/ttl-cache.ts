interface TtlCacheOptions {
  /** The highest age of a value, counted from the start of its read. */
  readonly maxAgeMs: number;
  /** The highest number of keys; the oldest is evicted. */
  readonly maxEntries: number;
}

export interface TtlCache<T> {
  /**
   * Returns the cached value of a key, or reads it. The read began after this call, or at most `maxAgeMs` ago with no clear()
   * since. Concurrent calls share one read.
   *
   * @throws what `read` throws; errors are not cached.
   */
  get(key: string, read: () => Promise<T>): Promise<T>;
  /** Whether get() begins with a value that is cached or being read. */
  has(key: string): boolean;
  /** Invalidates all values, and the reads in progress: later calls do not get their results. */
  clear(): void;
}

interface Entry<T> {
  readonly value: Promise<T>;
  /** The sequence number of its read, from 1. */
  readonly number: number;
  /** In the time of `performance.now()`. */
  readonly began: number;
  readonly generation: number;
}

/** A cache with a short time to live and request coalescing: many requests for one key cost one read. */
export function createTtlCache<T>({ maxAgeMs, maxEntries }: TtlCacheOptions): TtlCache<T> {
  /** In the order in which their reads began. */
  const entries = new Map<string, Entry<T>>();
  let reads = 0;
  let generation = 0;

  function isCurrent(entry: Entry<T>): boolean {
    return entry.generation === generation && performance.now() - entry.began <= maxAgeMs;
  }

  function beginRead(key: string, read: () => Promise<T>): Entry<T> {
    entries.delete(key);
    for (const [oldest, entry] of entries) {
      if (entries.size < maxEntries && isCurrent(entry)) break;
      entries.delete(oldest);
    }
    reads += 1;
    const entry = { number: reads, generation, began: performance.now(), value: read() };
    entries.set(key, entry);
    entry.value.catch(() => {
      if (entries.get(key) === entry) entries.delete(key);
    });
    return entry;
  }

  return {
    async get(key, read) {
      const readsBefore = reads;
      for (;;) {
        const known = entries.get(key);
        const entry = known && isCurrent(known) ? known : beginRead(key, read);
        const value = await entry.value;
        // A slow read may be outdated when it ends. It still serves the calls made before it began; the others read once more.
        if (entry.number > readsBefore || isCurrent(entry)) return value;
      }
    },
    has(key) {
      const entry = entries.get(key);
      return entry !== undefined && isCurrent(entry);
    },
    clear() {
      generation += 1;
      entries.clear();
    },
  };
}

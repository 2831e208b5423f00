export interface MomentaryCacheOptions {
  /** ms. How old a value may be, from when its read began. */
  readonly maxAge: number;
  /** How many keys it holds: the oldest gives way. */
  readonly maxEntries: number;
}

export interface TtlCache<T> {
  /**
   * Gives the value of a key, read by `read` if need be. What it gives was read by a read that began after the call, or is
   * at most `maxAge` old with nothing forgotten since its read began. Calls at the same time share one read.
   *
   * @throws what `read` throws; that is not kept.
   */
  get(key: string, read: () => Promise<T>): Promise<T>;
  /** Something changed: what was read before now, or is being read, is given to nobody who asks from now on. */
  forget(): void;
}

interface Entry<T> {
  readonly value: Promise<T>;
  /** Which of all reads it is, from 1. */
  readonly number: number;
  /** ms, of `performance.now()`. */
  readonly began: number;
  readonly generation: number;
}

/** Remembers what was read for a moment, so that a crowd that asks for the same costs one read. */
export function createTtlCache<T>({ maxAge, maxEntries }: MomentaryCacheOptions): TtlCache<T> {
  /** In the order in which their reads began. */
  const entries = new Map<string, Entry<T>>();
  let reads = 0;
  let generation = 0;

  function isCurrent(entry: Entry<T>): boolean {
    return entry.generation === generation && performance.now() - entry.began <= maxAge;
  }

  function begin(key: string, read: () => Promise<T>): Entry<T> {
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
        const entry = known && isCurrent(known) ? known : begin(key, read);
        const value = await entry.value;
        // It may have become too old while it was read. Whoever asked before it began may have it all the same; the others
        // read again, once: any read from now on began after they asked.
        if (entry.number > readsBefore || isCurrent(entry)) return value;
      }
    },
    forget() {
      generation += 1;
      entries.clear();
    },
  };
}

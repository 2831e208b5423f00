import type { TtlCache } from '../../src/lib/ttl-cache.js';

/** Replaces the service's TTL cache: every request reads. */
export function createTtlCache<T>(): TtlCache<T> {
  return {
    get: (_key, read) => read(),
    // Outside of the limit for reads.
    has: () => true,
    clear: () => undefined,
  };
}

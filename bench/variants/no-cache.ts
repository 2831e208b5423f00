import type { TtlCache } from '../../src/lib/ttl-cache.js';

/** In place of the module's own: nothing is remembered, every request reads. */
export function createTtlCache<T>(): TtlCache<T> {
  return {
    get: (_key, read) => read(),
    clear() {
      // There is nothing.
    },
  };
}

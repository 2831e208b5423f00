import type { MomentaryCache } from '../../src/lib/momentary-cache.js';

/** In place of the module's own: nothing is remembered, every request reads. */
export function createMomentaryCache<T>(): MomentaryCache<T> {
  return {
    get: (_key, read) => read(),
    forget() {
      // There is nothing.
    },
  };
}

import { createListenerSet } from '../../../src/client/listeners.js';

/** One clock for every countdown of the page, so that all of them step together. It runs while somebody listens. */
export interface Ticker {
  /** Calls back at every step until the returned function is called. */
  readonly subscribe: (listener: () => void) => () => void;
  /** ms since 1970 by the server's clock, as of the last step: the same for all who ask between two. */
  readonly now: () => number;
}

/** @param step ms between two steps. */
export function createTicker(serverNow: () => number, step = 250): Ticker {
  const listeners = createListenerSet();
  const read = () => Math.floor(serverNow() / step) * step;
  let timer: ReturnType<typeof setInterval> | undefined;
  let now = read();

  function tick(): void {
    now = read();
    listeners.notify();
  }

  return {
    subscribe(listener) {
      const remove = listeners.add(listener);
      if (listeners.size === 1) {
        now = read();
        timer = setInterval(tick, step);
      }
      return () => {
        remove();
        if (listeners.size === 0) clearInterval(timer);
      };
    },
    now() {
      if (listeners.size === 0) now = read();
      return now;
    },
  };
}

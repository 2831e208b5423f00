import { createListenerSet } from '../../../src/client/listeners.js';

/** One clock for every countdown of the page, so that they change together. It runs while there are listeners. */
export interface Ticker {
  /** Notifies at every step until the returned function is called. */
  readonly subscribe: (listener: () => void) => () => void;
  /** ms since 1970 by the server's clock, at the last step. */
  readonly now: () => number;
}

export function createTicker(serverNow: () => number, stepMs = 250): Ticker {
  const listeners = createListenerSet();
  const read = () => Math.floor(serverNow() / stepMs) * stepMs;
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
        timer = setInterval(tick, stepMs);
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

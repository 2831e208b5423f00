/** ms. */
const SAME_MOMENT = 500;

/**
 * A handler for the signals that ask a process to end. The first one calls `end`, which lets things finish; a second one
 * calls `endNow`. Both npm and the terminal may pass on a single Ctrl-C: what comes in the same moment is its echo.
 */
export function createShutdownSignals(end: () => void, endNow: () => void): () => void {
  let since: number | undefined;
  return () => {
    if (since === undefined) {
      since = performance.now();
      end();
    } else if (performance.now() - since > SAME_MOMENT) {
      endNow();
    }
  };
}

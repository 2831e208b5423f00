/** npm and the terminal may both pass on a single Ctrl-C: signals within this time count as one. */
const SAME_SIGNAL_MS = 500;

/**
 * Makes a handler of the signals that stop a process. The first one calls `end`, which stops gracefully; a second one calls
 * `endNow`.
 */
export function createShutdownSignals(end: () => void, endNow: () => void): () => void {
  let since: number | undefined;
  return () => {
    if (since === undefined) {
      since = performance.now();
      end();
    } else if (performance.now() - since > SAME_SIGNAL_MS) {
      endNow();
    }
  };
}

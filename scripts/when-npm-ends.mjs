/**
 * Calls `stop` when a signal has ended the npm that started this process. npm passes SIGTERM to the shell between them, and dash
 * ends without passing it on. Does nothing without npm.
 *
 * @param {() => void} stop
 */
export function whenNpmEnds(stop) {
  if (!process.env.npm_lifecycle_event) return;
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    stop();
  }, 500).unref();
}

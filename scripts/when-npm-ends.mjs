/**
 * Calls `stop` once the npm that started this process was ended by a signal. npm passes a SIGTERM to the shell between,
 * and a shell such as dash dies of it and tells nobody. Without npm nothing is watched.
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

import { createExpiryWorker as createOurs } from '../../src/worker/expiry-worker.js';

export * from '../../src/worker/expiry-worker.js';

/** ms. */
const EVERY = 5_000;

/** In place of the service's own worker: it looks every five seconds, whatever is due, and sweeps as the service does. */
export function createExpiryWorker(dependencies: Parameters<typeof createOurs>[0]): ReturnType<typeof createOurs> {
  const { runOnce } = createOurs(dependencies);
  let timer: NodeJS.Timeout | undefined;
  return {
    runOnce,
    start() {
      timer = setInterval(() => void runOnce(), EVERY);
    },
    stop() {
      clearInterval(timer);
      return Promise.resolve();
    },
  };
}

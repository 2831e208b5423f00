import { createExpiryWorker as createOurs } from '../../src/worker/expiry-worker.js';

export * from '../../src/worker/expiry-worker.js';

const POLL_INTERVAL_MS = 5_000;

/** Replaces the service's worker: sweeps every five seconds instead of at the next deadline. */
export function createExpiryWorker(dependencies: Parameters<typeof createOurs>[0]): ReturnType<typeof createOurs> {
  const { runOnce } = createOurs(dependencies);
  let timer: NodeJS.Timeout | undefined;
  return {
    runOnce,
    isIdle: false,
    wake: () => undefined,
    start() {
      timer = setInterval(() => void runOnce(), POLL_INTERVAL_MS);
    },
    stop() {
      clearInterval(timer);
      return Promise.resolve();
    },
  };
}

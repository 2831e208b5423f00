const WINDOW_MS = 1_000;

/** Creates a fixed-window rate limiter: a function that counts one event and returns whether it exceeds the limit. */
export function createRateLimiter(maxPerSecond: number): () => boolean {
  let count = 0;
  let windowEnd = 0;
  return () => {
    const now = performance.now();
    if (now >= windowEnd) {
      count = 0;
      windowEnd = now + WINDOW_MS;
    }
    count += 1;
    return count > maxPerSecond;
  };
}

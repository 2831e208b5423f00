/** ms */
const SECOND = 1000;

/** Counts what happens in each second; tells of each whether it is one too many. */
export function createMeter(maxPerSecond: number): () => boolean {
  let count = 0;
  let ends = 0;
  return () => {
    const now = performance.now();
    if (now >= ends) {
      count = 0;
      ends = now + SECOND;
    }
    count += 1;
    return count > maxPerSecond;
  };
}

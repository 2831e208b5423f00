import type { DropFeed } from '../../../src/client/index.js';

/** Changes per second: at this rate small animations are turned off, and below the lower one turned on again. */
const HIGH_RATE = 12;
const LOW_RATE = 6;
const MEASURE_PERIOD_MS = 1_000;

/**
 * Sets `data-update-rate="high"` on `root` while changes come fast. The style sheets then turn off small animations, which
 * would run all the time and cost the frames that the changes need. Returns a function that stops it.
 */
export function watchUpdateRate(feed: Pick<DropFeed, 'on'>, root: Pick<HTMLElement, 'dataset'>): () => void {
  let changes = 0;
  const unlisten = feed.on('change', () => {
    changes += 1;
  });
  const timer = setInterval(() => {
    if (changes >= HIGH_RATE) root.dataset.updateRate = 'high';
    else if (changes < LOW_RATE) delete root.dataset.updateRate;
    changes = 0;
  }, MEASURE_PERIOD_MS);
  return () => {
    clearInterval(timer);
    unlisten();
  };
}

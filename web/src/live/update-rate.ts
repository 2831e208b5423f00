import type { DropFeed } from '../../../src/client/index.js';

/** Changes a second from which on it is a rush, and below which it is none any more. */
const RUSH = 12;
const CALM = 6;
/** ms */
const LOOK_EVERY = 1_000;

/**
 * Says by `data-pace="rush"` on `root` that changes come fast, for the style sheets: what moves a little for each of them
 * would then move all the time, all over the page, and cost the frames that the changes themselves need. Until the returned
 * function is called.
 */
export function watchPace(feed: Pick<DropFeed, 'on'>, root: Pick<HTMLElement, 'dataset'>): () => void {
  let changes = 0;
  const unlisten = feed.on('change', () => {
    changes += 1;
  });
  const timer = setInterval(() => {
    if (changes >= RUSH) root.dataset.pace = 'rush';
    else if (changes < CALM) delete root.dataset.pace;
    changes = 0;
  }, LOOK_EVERY);
  return () => {
    clearInterval(timer);
    unlisten();
  };
}

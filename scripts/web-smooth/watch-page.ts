import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright';

/** s, before anything counts. */
const WARM_UP = 5;
/** How often the heap is looked at, the first and the last time included. */
const LOOKS = 11;
const MEGABYTE = 1_000_000;

interface WatchOptions {
  readonly url: string;
  /** Who is signed in. */
  readonly session: object;
  readonly seconds: number;
}

/** How a page went. */
export interface Watched {
  /** Frames of the median second, of the second that is slower than nineteen of twenty, and of the slowest one. */
  readonly median: number;
  readonly slow: number;
  readonly least: number;
  /** ms. */
  readonly longestFrame: number;
  /** s that it was watched: on a busy machine, longer than was asked for. */
  readonly seconds: number;
  /** Changes of stock that the page was told. */
  readonly updates: number;
  /** MB that scripts hold, garbage collected, evenly over the time. */
  readonly heap: readonly number[];
  /** Elements and texts of the document and of what scripts keep of it, at the same times. */
  readonly nodes: readonly number[];
}

interface Frames {
  /** Frames of each second. */
  readonly seconds: number[];
  longest: number;
}

/** Looks at a page for so many seconds, in a browser of its own. */
export async function watchPage(browser: Browser, { url, session, seconds }: WatchOptions): Promise<Watched> {
  const value = JSON.stringify(session);
  const origins = [{ origin: new URL(url).origin, localStorage: [{ name: 'drop-inventory.session', value }] }];
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    storageState: { cookies: [], origins },
  });
  try {
    const page = await context.newPage();
    let updates = 0;
    page.on('websocket', (socket) => {
      socket.on('framereceived', ({ payload }) => {
        if (payload.includes('inventory_update')) updates += 1;
      });
    });
    await page.goto(url);
    await page.getByRole('status').filter({ hasText: 'Live updates: Live' }).waitFor();
    await sleep(WARM_UP * 1_000);

    const devtools = await context.newCDPSession(page);
    const heap: number[] = [];
    const nodes: number[] = [];
    async function look(): Promise<void> {
      await devtools.send('HeapProfiler.collectGarbage');
      const { usedSize } = await devtools.send('Runtime.getHeapUsage');
      heap.push(usedSize / MEGABYTE);
      nodes.push((await devtools.send('Memory.getDOMCounters')).nodes);
    }

    await look();
    updates = 0;
    const start = performance.now();
    // The loader of this file marks functions by a helper that the page lacks.
    await page.evaluate('globalThis.__name = (named) => named');
    await page.evaluate(countFrames);
    for (let times = 1; times < LOOKS; times += 1) {
      await sleep((seconds * 1_000) / (LOOKS - 1));
      await look();
    }
    const frames = await page.evaluate(() => (window as unknown as { frames: Frames }).frames);
    const watched = (performance.now() - start) / 1_000;
    const sorted = frames.seconds.toSorted((a, b) => a - b);
    return {
      median: sorted[Math.floor(sorted.length / 2)] ?? 0,
      slow: sorted[Math.floor(sorted.length / 20)] ?? 0,
      least: sorted[0] ?? 0,
      longestFrame: frames.longest,
      seconds: watched,
      updates,
      heap,
      nodes,
    };
  } finally {
    await context.close();
  }
}

/** Runs in the page. */
function countFrames(): void {
  const frames: Frames = { seconds: [], longest: 0 };
  Object.assign(window, { frames });
  let second = performance.now();
  let last = second;
  let count = 0;
  const step = (now: number) => {
    count += 1;
    frames.longest = Math.max(frames.longest, now - last);
    last = now;
    if (now - second >= 1_000) {
      frames.seconds.push(Math.round((count * 1_000) / (now - second)));
      second = now;
      count = 0;
    }
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}

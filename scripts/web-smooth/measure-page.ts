import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright';

const WARM_UP_SECONDS = 5;
/** Heap samples, including the first and the last one. */
const HEAP_SAMPLES = 11;
const MEGABYTE = 1_000_000;

interface WatchOptions {
  readonly url: string;
  /** The session in the storage of the page. */
  readonly session: object;
  readonly seconds: number;
}

/** The measurements of a page. */
export interface PageMeasurement {
  /** Frames of the median second, of the fifth percentile, and of the slowest second. */
  readonly median: number;
  readonly slow: number;
  readonly least: number;
  readonly longestFrameMs: number;
  /** The measured time: on a busy machine, longer than requested. */
  readonly seconds: number;
  /** Stock updates that the page received. */
  readonly updates: number;
  /** The heap after garbage collections, in even intervals. */
  readonly heapMb: readonly number[];
  /** DOM nodes at the same times, including detached ones. */
  readonly nodes: readonly number[];
}

interface Frames {
  readonly seconds: number[];
  longest: number;
}

/** Measures a page in a browser context of its own. */
export async function measurePage(browser: Browser, { url, session, seconds }: WatchOptions): Promise<PageMeasurement> {
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
    await sleep(WARM_UP_SECONDS * 1_000);

    const devtools = await context.newCDPSession(page);
    const heapMb: number[] = [];
    const nodes: number[] = [];
    async function sampleHeap(): Promise<void> {
      await devtools.send('HeapProfiler.collectGarbage');
      const { usedSize } = await devtools.send('Runtime.getHeapUsage');
      heapMb.push(usedSize / MEGABYTE);
      nodes.push((await devtools.send('Memory.getDOMCounters')).nodes);
    }

    await sampleHeap();
    updates = 0;
    const start = performance.now();
    // The loader of this file adds calls of a helper that the page lacks.
    await page.evaluate('globalThis.__name = (named) => named');
    await page.evaluate(countFrames);
    for (let sample = 1; sample < HEAP_SAMPLES; sample += 1) {
      await sleep((seconds * 1_000) / (HEAP_SAMPLES - 1));
      await sampleHeap();
    }
    const frames = await page.evaluate(() => (window as unknown as { frames: Frames }).frames);
    const measured = (performance.now() - start) / 1_000;
    const sorted = frames.seconds.toSorted((a, b) => a - b);
    return {
      median: sorted[Math.floor(sorted.length / 2)] ?? 0,
      slow: sorted[Math.floor(sorted.length / 20)] ?? 0,
      least: sorted[0] ?? 0,
      longestFrameMs: frames.longest,
      seconds: measured,
      updates,
      heapMb,
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

import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from 'playwright';
import type { Session } from '../web-smooth/example-rows.js';
import type { Vitals } from './judge.js';

/** Slow 4G, as Lighthouse emulates it. */
const NETWORK = {
  offline: false,
  latency: 150,
  downloadThroughput: 1_600_000 / 8,
  uploadThroughput: 750_000 / 8,
};
/** A phone of the middle class, as Lighthouse emulates it. */
const PHONE = { viewport: { width: 412, height: 823 }, deviceScaleFactor: 1.75, isMobile: true, hasTouch: true };
/** Layout shifts and paints after the last request. */
const SETTLE_MS = 500;
/** The browser reports an interaction after its next frame. */
const REPORT_MS = 300;

export interface Visit {
  readonly url: string;
  readonly session: Session;
  /** What the user does once the page is loaded. */
  readonly interact: (page: Page) => Promise<void>;
}

/** Loads a page without a cache, on a slow network and with a CPU that is `slowdown` times slower, and uses it. */
export async function measureLoad(browser: Browser, visit: Visit, slowdown: number): Promise<Vitals> {
  const { url, session, interact } = visit;
  const origins = [
    {
      origin: new URL(url).origin,
      localStorage: [{ name: 'drop-inventory.session', value: JSON.stringify(session) }],
    },
  ];
  const context = await browser.newContext({ ...PHONE, storageState: { cookies: [], origins } });
  try {
    const page = await openThrottled(context, slowdown);
    await page.goto(url);
    await page.getByRole('article').first().waitFor();
    await page.waitForLoadState('networkidle');
    await sleep(SETTLE_MS);
    await interact(page);
    await sleep(REPORT_MS);
    return await page.evaluate(() => (window as unknown as { vitals: Vitals }).vitals);
  } finally {
    await context.close();
  }
}

async function openThrottled(context: BrowserContext, slowdown: number): Promise<Page> {
  const page = await context.newPage();
  // The loader of this file adds calls of a helper that the page lacks.
  await page.addInitScript('globalThis.__name = (named) => named');
  await page.addInitScript(recordVitals);
  const devtools = await context.newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Network.emulateNetworkConditions', NETWORK);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
  return page;
}

/** Runs in the page before its scripts. */
function recordVitals(): void {
  const vitals = { lcpMs: 0, cls: 0, inpMs: 0 };
  Object.assign(window, { vitals });
  interface LayoutShift extends PerformanceEntry {
    readonly value: number;
    readonly hadRecentInput: boolean;
  }
  const observe = (type: string, record: (entry: PerformanceEntry) => void, options = {}) => {
    new PerformanceObserver((list) => {
      list.getEntries().forEach(record);
    }).observe({ type, buffered: true, ...options });
  };
  observe('largest-contentful-paint', ({ startTime }) => {
    vitals.lcpMs = startTime;
  });
  observe('layout-shift', (entry) => {
    const { value, hadRecentInput } = entry as LayoutShift;
    if (!hadRecentInput) vitals.cls += value;
  });
  const recordEvent = (entry: PerformanceEntry) => {
    // Other events, such as a moving pointer, are no interactions.
    if ((entry as PerformanceEventTiming).interactionId > 0) vitals.inpMs = Math.max(vitals.inpMs, entry.duration);
  };
  observe('event', recordEvent, { durationThreshold: 16 });
  observe('first-input', recordEvent);
}

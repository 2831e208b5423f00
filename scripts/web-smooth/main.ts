// Measures whether the page stays smooth and small under load:
//   npm run web-smooth -- [--seconds 60] [--rate 50] [--page / --page /dashboard]
// Chromium shows thirty drops, whose stock changes --rate times a second. The exit code is 1 if the page has fewer than 50
// frames a second or its heap grows.
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright';
import { launchChromium } from '../../tests/helpers/chromium.js';
import { startStockChanges, type StockChanges } from './stock-changes.js';
import { measurePage, type PageMeasurement } from './measure-page.js';
import { withService } from './service.js';

/** Required frames per second, in the median second and in the fifth percentile. */
const MIN_FRAMES = { median: 50, slow: 50 };
/** Allowed growth of the heap after the first fifth of the time. */
const MAX_HEAP_GROWTH_MB = 3;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    rate: { type: 'string', default: '50' },
    page: { type: 'string', multiple: true, default: ['/', '/dashboard'] },
  },
});
const seconds = Number(values.seconds);
const rate = Number(values.rate);

await withService(async (service, disposal) => {
  const changes = await startStockChanges({ service, rate });
  disposal.add('changes', changes.stop);
  const browser = await launchChromium();
  disposal.add('browser', () => browser.close());
  for (const path of values.page) await measure(browser, service.url, path, changes);
});

async function measure(browser: Browser, url: string, path: string, changes: StockChanges): Promise<void> {
  console.log(`\n${path}, ${seconds} s, ${rate} changes a second requested`);
  const before = changes.made();
  const result = await measurePage(browser, { url: url + path, session: changes.admin, seconds });
  const made = changes.made() - before;
  console.log(`  changes made a second      ${(made / result.seconds).toFixed(1)}`);
  console.log(`  updates received a second  ${(result.updates / result.seconds).toFixed(1)}`);
  console.log(
    `  frames a second            median ${result.median}, fifth percentile ${result.slow}, lowest ${result.least}`,
  );
  console.log(`  longest frame              ${result.longestFrameMs.toFixed(0)} ms`);
  console.log(`  heap after collection      ${result.heapMb.map((mb) => mb.toFixed(1)).join(', ')} MB`);
  console.log(`  DOM nodes                  ${result.nodes.join(', ')}`);
  for (const problem of problemsOf(result)) {
    console.log(`!!! ${problem}`);
    process.exitCode = 1;
  }
}

function problemsOf({ median, slow, heapMb }: PageMeasurement): string[] {
  const [first = 0, last = 0] = [heapMb[Math.floor(heapMb.length / 5)], heapMb.at(-1)];
  return [
    ...(median < MIN_FRAMES.median ? [`fewer than ${MIN_FRAMES.median} frames in the median second`] : []),
    ...(slow < MIN_FRAMES.slow ? [`fewer than ${MIN_FRAMES.slow} frames in more than one second of twenty`] : []),
    ...(last - first > MAX_HEAP_GROWTH_MB ? [`the heap grew by ${(last - first).toFixed(1)} MB`] : []),
  ];
}

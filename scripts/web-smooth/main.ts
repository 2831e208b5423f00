// Is the page smooth under fire, and does it stay as small as it was?
//   npm run web-smooth -- [--seconds 60] [--rate 50] [--page / --page /dashboard]
// Thirty drops, whose stock changes so many times a second, and Chromium, which looks at them. It ends with 1 if the page
// shows fewer than 50 frames a second or grows.
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import type { Browser } from 'playwright';
import { createDisposalStack } from '../../src/lib/disposal-stack.js';
import { openTemporaryPostgres } from '../../src/embedded-postgres/index.js';
import { findFreePort } from '../../src/embedded-postgres/port.js';
import { launchChromium } from '../../tests/helpers/chromium.js';
import { startProgram } from '../../tests/helpers/processes.js';
import { startChanges, type Changes } from './changes.js';
import { watchPage, type Watched } from './watch-page.js';

/** Frames a second that the page shall show, in the median second and in all but one of twenty. */
const FRAMES = { median: 50, slow: 50 };
/** MB that the heap may have grown after the first fifth of the time, for whatever is kept for good reason. */
const GROWTH = 3;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    rate: { type: 'string', default: '50' },
    page: { type: 'string', multiple: true, default: ['/', '/dashboard'] },
  },
});
const seconds = Number(values.seconds);
const rate = Number(values.rate);
const secret = 'a secret that is long enough for a measurement';

const logger = pino({ level: 'warn' });
const closers = createDisposalStack(logger);
try {
  const postgres = await openTemporaryPostgres({ logger });
  closers.add('PostgreSQL', postgres.close);
  const port = await findFreePort();
  const service = startProgram('main', {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: String(port),
    DATABASE_URL: postgres.url,
    JWT_SECRET: secret,
    RATE_LIMIT_ENABLED: 'false',
    LOG_LEVEL: 'warn',
  });
  closers.add('service', async () => {
    service.signal('SIGTERM');
    await service.ended();
  });
  await service.printed('Ctrl-C stops it.');
  const url = `http://localhost:${port}`;
  const changes = await startChanges({ url, databaseUrl: postgres.url, secret, rate });
  closers.add('changes', changes.stop);
  const browser = await launchChromium();
  closers.add('browser', () => browser.close());
  for (const path of values.page) await measure(browser, url, path, changes);
} finally {
  await closers.closeAll();
}

async function measure(browser: Browser, url: string, path: string, changes: Changes): Promise<void> {
  console.log(`\n${path}, ${seconds} s, ${rate} changes a second wanted`);
  const before = changes.made();
  const watched = await watchPage(browser, { url: url + path, session: changes.admin, seconds });
  const made = changes.made() - before;
  console.log(`  changes made a second      ${(made / watched.seconds).toFixed(1)}`);
  console.log(`  updates received a second  ${(watched.updates / watched.seconds).toFixed(1)}`);
  console.log(
    `  frames a second            median ${watched.median}, slowest of twenty ${watched.slow}, least ${watched.least}`,
  );
  console.log(`  longest frame              ${watched.longestFrame.toFixed(0)} ms`);
  console.log(`  heap, after collecting     ${watched.heap.map((mb) => mb.toFixed(1)).join(', ')} MB`);
  console.log(`  DOM nodes                  ${watched.nodes.join(', ')}`);
  for (const problem of problemsOf(watched)) {
    console.log(`!!! ${problem}`);
    process.exitCode = 1;
  }
}

function problemsOf({ median, slow, heap }: Watched): string[] {
  const [first = 0, last = 0] = [heap[Math.floor(heap.length / 5)], heap.at(-1)];
  return [
    ...(median < FRAMES.median ? [`fewer than ${FRAMES.median} frames in the median second`] : []),
    ...(slow < FRAMES.slow ? [`fewer than ${FRAMES.slow} frames in more than one second of twenty`] : []),
    ...(last - first > GROWTH ? [`the heap grew by ${(last - first).toFixed(1)} MB`] : []),
  ];
}

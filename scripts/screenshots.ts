// Takes the screenshots in docs/images of the service with its demo data. Needs Chromium, and pngquant for small files:
//   npm run screenshots [-- <name> …]
import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Page } from 'playwright';
import { createDisposalStack } from '../src/lib/process/disposal-stack.js';
import { parseConfig } from '../src/lib/config/index.js';
import { findFreePort } from '../src/embedded-postgres/port.js';
import { openTemporaryPostgres } from '../src/embedded-postgres/index.js';
import { startService } from '../src/service.js';
import { launchChromium } from '../tests/helpers/chromium.js';
import { registerDemoUsers } from './screenshots/demo-users.js';
import { RUNNING_A_DROP } from './screenshots/running-a-drop.js';
import { PHONE, type Shot } from './screenshots/shot.js';

const FOLDER = join(import.meta.dirname, '../docs/images');
const WIDE = { width: 1200, height: 800 };

const live = (page: Page) => page.getByRole('status').filter({ hasText: 'Live updates: Live' }).waitFor();

const SHOTS: readonly Shot[] = [
  { name: 'storefront-light', path: '/' },
  { name: 'storefront-dark', path: '/', options: { colorScheme: 'dark' } },
  {
    name: 'hold',
    path: '/?status=live',
    as: 'buyer',
    prepare: async (page) => {
      await page.getByRole('article').first().getByRole('link').click();
      await page.getByRole('button', { name: /^Reserve/ }).click();
      await page.getByText('0:47').first().waitFor();
    },
  },
  { name: 'phone', path: '/', options: { viewport: PHONE, hasTouch: true, isMobile: true } },
  {
    name: 'dashboard',
    path: '/dashboard',
    as: 'admin',
    options: { colorScheme: 'dark', viewport: { width: 1200, height: 1040 } },
    // Gives the charts some history.
    prepare: (_page, users) => users.trade(75),
  },
  {
    name: 'wall',
    path: '/dashboard',
    as: 'admin',
    options: { viewport: { width: 1920, height: 1080 } },
    prepare: async (page, users) => {
      await page.getByRole('link', { name: 'Wall display:' }).first().click();
      await users.trade(6);
    },
  },
  { name: 'admin', path: '/admin', as: 'admin', options: { viewport: { width: 1440, height: 860 } } },
  ...RUNNING_A_DROP,
];

const only = process.argv.slice(2);
const disposal = createDisposalStack(pino({ level: 'warn' }));
try {
  const logger = pino({ level: 'warn' });
  const postgres = await openTemporaryPostgres({ logger });
  disposal.add('PostgreSQL', postgres.close);
  const port = await findFreePort();
  const settings = { PORT: String(port), DATABASE_URL: postgres.url, RATE_LIMIT_ENABLED: 'false' };
  const service = await startService(parseConfig(settings), { logger });
  disposal.add('service', service.stop);
  const browser = await launchChromium();
  disposal.add('browser', () => browser.close());
  await mkdir(FOLDER, { recursive: true });

  const url = `http://localhost:${port}`;
  const users = await registerDemoUsers(url);
  for (const { name, path, as, options, prepare } of SHOTS) {
    if (only.length > 0 && !only.includes(name)) continue;
    const session = as && users.sessions[as];
    const localStorage = session ? [{ name: 'drop-inventory.session', value: JSON.stringify(session) }] : [];
    const context = await browser.newContext({
      viewport: WIDE,
      locale: 'en-GB',
      storageState: { cookies: [], origins: [{ origin: url, localStorage }] },
      ...options,
    });
    const page = await context.newPage();
    await page.goto(url + (typeof path === 'string' ? path : await path(users)));
    await live(page);
    await page.waitForLoadState('networkidle');
    await prepare?.(page, users);
    const file = join(FOLDER, `${name}.png`);
    await page.screenshot({ path: file, animations: 'disabled' });
    await context.close();
    // A third of the size without a visible difference.
    const { status } = spawnSync('pngquant', ['--force', '--speed', '1', '--ext', '.png', file]);
    console.log(`docs/images/${name}.png${status === 0 ? '' : ', not compressed: pngquant is not installed'}`);
  }
} finally {
  await disposal.closeAll();
}

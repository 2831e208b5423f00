import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import type { TestUser } from '../helpers/app.js';
import { layoutProblems } from './layout-problems.js';
import { recordAccount } from '../helpers/leaks/answer-rules.js';
import { startShop, type Shop } from '../helpers/shop.js';
import { expect } from '../helpers/windows.js';
import { openWithin, UNKNOWN_PATH } from './open-within.js';

const WIDTHS = [320, 360, 390, 768, 1024, 1440, 2560];
/** Many pages at many widths; a busy machine may be ten times as slow as an idle one. */
const TIMEOUT_MS = 900_000;

const repeat = (text: string, length: number) => [...text.repeat(length)].slice(0, length).join('');
const NAMES = [
  'A',
  'A name of forty letters, as many have it',
  repeat('Limited edition running shoe, ', 199) + '.',
  repeat('W', 200),
  repeat('限定版スニーカー', 200),
  repeat('حذاء رياضي محدود الإصدار ', 199) + '.',
  repeat('הפנינה', 200),
  repeat('👟🏃🎧', 200),
];

let shop: Shop;
let user: TestUser;
let admin: TestUser;
let drops: string[];

/** An account with the longest possible name and e-mail. */
async function createWideUser(role: 'user' | 'admin', letter: string): Promise<TestUser> {
  const created = await shop.createUser(role);
  const names = { username: letter.repeat(32), email: `${letter.repeat(60)}@${'long-domain-'.repeat(4)}example.com` };
  await shop.database.query('UPDATE users SET username = $2, email = $3 WHERE id = $1', [
    created.id,
    names.username,
    names.email.toLowerCase(),
  ]);
  recordAccount({ id: created.id, email: names.email });
  return { ...created, ...names };
}

beforeAll(async () => {
  // The reservations stay active in every test.
  shop = await startShop({ RESERVATION_TTL_SECONDS: '900' });
  user = await createWideUser('user', 'W');
  admin = await createWideUser('admin', 'M');
  drops = [];
  for (const name of NAMES) {
    const id = await shop.createDrop({ name, price: '999999.99', total_stock: 1_000_000, limit_per_user: 1_000_000 });
    drops.push(id);
    const { body } = await shop.reserve(user, id);
    await shop.purchase(user, body.data.reservation.id);
  }
  for (const id of drops.slice(2, 6)) for (const holder of [user, admin]) await shop.reserve(holder, id);
  // Enough for a second page.
  for (let number = 0; number < 24; number += 1) await shop.createDrop({ name: 'A', total_stock: 1 });
  const farFuture = new Date(Date.now() + 999 * 24 * 3_600_000);
  await shop.createDrop({ name: NAMES[3], price: '999999.99', total_stock: 1_000_000, drop_starts_at: farFuture });
  await shop.createDrop({
    name: NAMES[4],
    price: '999999.99',
    total_stock: 1_000_000,
    paused_at: new Date(),
    drop_ends_at: farFuture,
  });
});
afterEach(() => shop.windows.closeAll());
afterAll(() => shop.close());

/** Every page in its different states. */
const paths = () => [
  '/',
  '/?status=live',
  '/?q=no-drop-has-this-name',
  ...drops.map((id) => `/drops/${id}`),
  '/drops/00000000-0000-4000-8000-000000000000',
  '/dashboard',
  '/admin',
  '/holds',
  '/purchases',
  '/account',
  '/sign-in',
  '/register',
  '/help',
  '/terms',
  UNKNOWN_PATH,
];

/** To all others they show what `/admin` shows. */
const pathsOfAdmins = () => [
  '/admin/new',
  `/admin/new?from=${drops[3]}`,
  ...drops.map((id) => `/admin/drops/${id}`),
  ...['buyers', 'history'].map((list) => `/admin/drops/${drops[3]}?list=${list}`),
];

async function problemsOf(page: Page, path: string, widths = WIDTHS): Promise<string[]> {
  const problems: string[] = [];
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 });
    // Charts resize in the next frame.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    for (const problem of await page.evaluate(layoutProblems)) problems.push(`${path} at ${width} px: ${problem}`);
  }
  return problems;
}

describe('the layout, from 320 to 2560 px, with the longest names and the largest numbers', () => {
  test.each(['signed out', 'user', 'admin'] as const)(
    'nothing overflows or is clipped: %s',
    async (viewer) => {
      const account = { 'signed out': undefined, user, admin }[viewer];
      const page = await shop.visit('/', { reducedMotion: 'reduce', ...(account && { user: account }) });
      const problems: string[] = [];
      for (const path of [...paths(), ...(viewer === 'admin' ? pathsOfAdmins() : [])]) {
        await page.setViewportSize({ width: 1280, height: 800 });
        await openWithin(page, path);
        await expect(page.getByRole('status').filter({ hasText: 'Live updates' })).toHaveText('Live updates: Live');
        await expect(page.locator('[aria-busy="true"], [class*="loading"], [class*="skeleton"]')).toHaveCount(0);
        await page.evaluate(() => document.fonts.ready.then(() => undefined));
        problems.push(...(await problemsOf(page, path)));
      }
      expect(problems).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    'nothing overflows or is clipped in a layout from right to left',
    async () => {
      const page = await shop.visit('/', { reducedMotion: 'reduce', user });
      await page.evaluate(() => {
        document.documentElement.dir = 'rtl';
      });
      const problems: string[] = [];
      for (const path of ['/', `/drops/${drops[3]}`, '/holds', '/purchases', '/account', '/dashboard', '/help']) {
        await openWithin(page, path);
        await expect(page.locator('[aria-busy="true"], [class*="loading"], [class*="skeleton"]')).toHaveCount(0);
        problems.push(...(await problemsOf(page, path, [390, 1440])));
      }
      expect(problems).toEqual([]);
      const [account, home] = await Promise.all(
        ['button', 'link'].map((role) =>
          page
            .getByRole('banner')
            .getByRole(role as 'button')
            .first()
            .boundingBox(),
        ),
      );
      expect(account?.x, 'the account is on the left').toBeLessThan(home?.x ?? 0);
    },
    TIMEOUT_MS,
  );

  test(
    'nothing overflows or is clipped with an open account menu, a notice, or an unreachable server',
    async () => {
      const page = await shop.visit(`/drops/${drops[3]}`, { reducedMotion: 'reduce', user });
      const problems: string[] = [];
      await page.getByRole('button', { name: /^Account of/ }).click();
      await expect(page.getByText(user.email)).toBeVisible();
      problems.push(...(await problemsOf(page, 'the account')));
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: /^Release/ }).click();
      const notices = page.getByRole('status', { name: 'Notices' });
      await expect(notices).toContainText('released.');
      problems.push(...(await problemsOf(page, 'a notice')));
      await page.route('**/api/**', (route) => route.abort());
      for (const path of ['/', '/purchases', '/dashboard']) {
        await page.goto(shop.url + path);
        await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible();
        problems.push(...(await problemsOf(page, `${path} without the API`)));
      }
      expect(problems).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

describe('the charts', () => {
  /** Records the colours and labels that canvases draw, and labels beyond their edge. */
  const record = () => {
    const drawn = { colors: new Set<string>(), clipped: new Set<string>(), labels: new Set<string>() };
    Object.assign(window, { drawn });
    const { prototype } = CanvasRenderingContext2D;
    for (const name of ['fill', 'stroke'] as const) {
      const draw = prototype[name];
      prototype[name] = function (this: CanvasRenderingContext2D, ...parameters: unknown[]) {
        const style = name === 'fill' ? this.fillStyle : this.strokeStyle;
        if (typeof style === 'string') drawn.colors.add(style);
        draw.apply(this, parameters as never);
      };
    }
    const fillText = prototype.fillText;
    prototype.fillText = function (text, x, y, maxWidth) {
      const { width } = this.measureText(text);
      const origin = this.getTransform().transformPoint({ x, y });
      const left = origin.x - { left: 0, start: 0, center: width / 2, right: width, end: width }[this.textAlign];
      drawn.labels.add(text);
      if (left < -0.5 || left + width > this.canvas.width + 0.5) drawn.clipped.add(text);
      if (maxWidth === undefined) fillText.call(this, text, x, y);
      else fillText.call(this, text, x, y, maxWidth);
    };
  };
  const drawn = (page: Page) =>
    page.evaluate(() => {
      const all = (window as unknown as { drawn: Record<'colors' | 'clipped' | 'labels', Set<string>> }).drawn;
      return { colors: [...all.colors], clipped: [...all.clipped], labels: [...all.labels] };
    });
  /** The colours of the legend of the stock charts, in the notation of a canvas. */
  const legend = (page: Page) =>
    page.evaluate(() => {
      const list = document.querySelector('#stock-over-time')?.parentElement?.querySelectorAll('li > span') ?? [];
      const context = document.createElement('canvas').getContext('2d');
      return [...list].map((swatch) => {
        if (context) context.fillStyle = getComputedStyle(swatch).backgroundColor;
        return context?.fillStyle as string;
      });
    });

  test.each([
    ['light', 'dark'],
    ['dark', 'light'],
  ] as const)('are drawn in the colours of their legend with reduced motion, %s and then %s', async (first, second) => {
    const page = await shop.visit('/', { reducedMotion: 'reduce', colorScheme: first });
    await page.addInitScript(record);
    await page.goto(`${shop.url}/dashboard`);
    await expect(page.getByRole('article').first()).toBeVisible();
    const check = async () => {
      expect(new Set(await legend(page)).size, 'sold, on hold and left differ').toBe(3);
      const missing = async () => {
        const [{ colors }, expected] = await Promise.all([drawn(page), legend(page)]);
        return expected.filter((color) => !colors.includes(color));
      };
      await expect.poll(missing, 'colours of the legend that no chart has').toEqual([]);
    };
    await check();
    await page.emulateMedia({ colorScheme: second, reducedMotion: 'reduce' });
    await check();
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('radio', { name: first === 'light' ? 'Light' : 'Dark' }).check();
    await page.evaluate(() => {
      (window as unknown as { drawn: { colors: Set<string> } }).drawn.colors.clear();
    });
    await check();
  });

  test('have labels that are not cut off, up to a million', async () => {
    const page = await shop.visit('/', { reducedMotion: 'reduce', user: admin });
    await page.addInitScript(record);
    await page.goto(`${shop.url}/dashboard`);
    for (const span of ['1 day', 'All', '5 min']) {
      await page.getByText(span, { exact: true }).click();
      for (const width of [320, 1440]) {
        // High enough for all charts: charts outside of the window are not drawn.
        await page.setViewportSize({ width, height: 16_000 });
        await page.evaluate(() => {
          (window as unknown as { drawn: { labels: Set<string> } }).drawn.labels.clear();
        });
        const hasMillion = async () => (await drawn(page)).labels.some((label) => /^1(,000,000|m)$/i.test(label));
        await expect.poll(hasMillion, `a label of a million: ${span} at ${width} px`).toBe(true);
      }
    }
    expect((await drawn(page)).clipped).toEqual([]);
  });
});

describe('the pages for developers fit a phone', () => {
  test.each(['/docs', '/errors'])('%s', async (path) => {
    const page = await shop.visit(path, { viewport: { width: 390, height: 664 } });
    if (path === '/docs') {
      await page.getByRole('button', { name: /^post \/api\/drops$/i }).click();
      await expect(page.getByText('Responses', { exact: true })).toBeVisible();
    }
    const { scrollWidth, fontFamily } = await page.evaluate(() => ({
      scrollWidth: document.documentElement.scrollWidth,
      fontFamily: getComputedStyle(document.body).fontFamily,
    }));
    expect(scrollWidth).toBe(390);
    expect(fontFamily).toContain('Archivo');
    await expect(page.locator('body'), 'the light theme').toHaveCSS('background-color', 'rgb(230, 235, 238)');
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect(page.locator('body'), 'the dark theme').toHaveCSS('background-color', 'rgb(12, 20, 32)');
    await page.getByRole('banner').getByRole('link', { name: 'Drop Inventory' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  });
});

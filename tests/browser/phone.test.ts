import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import type { TestUser } from '../helpers/app.js';
import { expectBought, startShop, type Shop } from '../helpers/shop.js';
import { expect } from '../helpers/windows.js';

let shop: Shop;
let admin: TestUser;
let dropId: string;

/** The narrowest phones. */
const PHONE = { viewport: { width: 320, height: 568 }, isMobile: true, hasTouch: true };
/** The visible part of a page on a common phone. */
const COMMON_PHONE = { viewport: { width: 390, height: 664 }, isMobile: true, hasTouch: true };
/** The smallest touch target (WCAG 2.2, 2.5.8). */
const MIN_TARGET_PX = 24;

beforeAll(async () => {
  shop = await startShop();
  admin = await shop.createUser('admin');
  dropId = await shop.createDrop({ name: 'Extraordinarily long-named Schifffahrtsmodell “Donau”', total_stock: 1234 });
  const { body } = await shop.reserve(admin, dropId);
  await shop.purchase(admin, body.data.reservation.id);
  await shop.reserve(admin, dropId);
});
afterEach(() => shop.windows.closeAll());
afterAll(() => shop.close());

/** Controls outside of the screen or too small to touch. */
function unreachableControls(minPx: number): string[] {
  const problems: string[] = [];
  const { scrollWidth } = document.documentElement;
  if (scrollWidth > window.innerWidth) problems.push(`the page is ${scrollWidth} px wide, of ${window.innerWidth}`);
  const scrolls = (element: Element | null): boolean =>
    element !== null &&
    (/auto|scroll/.test(getComputedStyle(element).overflowX) ||
      (element !== document.body && scrolls(element.parentElement)));
  for (const element of document.querySelectorAll('a, button, input, select, textarea, [tabindex="0"]')) {
    if (!element.checkVisibility({ visibilityProperty: true })) continue;
    const { left, right, width, height } = element.getBoundingClientRect();
    const name = element.getAttribute('aria-label') ?? element.textContent;
    if ((left < 0 || right > window.innerWidth) && !scrolls(element.parentElement)) problems.push(`outside: ${name}`);
    // Links within a sentence are as high as their line, and the label of a checkbox is part of the target.
    const isFree = !element.closest('p') && !element.closest('label') && !element.closest('dd');
    if (isFree && (width < minPx || height < minPx)) problems.push(`too small, ${width} × ${height}: ${name}`);
  }
  return problems;
}

describe('on a narrow phone', () => {
  test.each([
    ['the drops', () => '/', 'Drops'],
    ['a drop', () => `/drops/${dropId}`, /^Extraordinarily/],
    ['the cart', () => '/holds', 'Cart'],
    ['the order history', () => '/purchases', 'Order history'],
    ['the account page', () => '/account', 'Your account'],
    ['the sign-in page', () => '/sign-in', 'Sign in'],
    ['the registration', () => '/register', 'Create account'],
    ['the help', () => '/help', 'Help'],
    ['the dashboard', () => '/dashboard', /dashboard/i],
    ['the admin page', () => '/admin', /admin/i],
    ['a new drop', () => '/admin/new', 'New drop'],
    ['the page of an organiser', () => `/admin/drops/${dropId}`, /^Extraordinarily/],
    ['the history of a drop', () => `/admin/drops/${dropId}?list=history`, /^Extraordinarily/],
  ])('%s: all controls are on the screen and large enough', async (_, path, heading) => {
    const page = await shop.visit(path(), { ...PHONE, user: admin });
    await expect(page.getByRole('heading', { level: 1, name: heading })).toBeAttached();
    await page.waitForLoadState('networkidle');
    expect(await page.evaluate(unreachableControls, MIN_TARGET_PX)).toEqual([]);
  });

  test('the price, the state and the one button stay on the screen, and while holding the countdown and Buy', async () => {
    const id = await shop.createDrop({ name: 'Alarm clock', price: '24.00', total_stock: 3 });
    const user = await shop.createUser();
    const page = await shop.visit(`/drops/${id}`, { ...COMMON_PHONE, user });
    const reserve = page.getByRole('button', { name: 'Reserve: Alarm clock' });
    await expect(reserve).toBeInViewport({ ratio: 1 });
    await expect(page.getByText('US$24', { exact: true }).last()).toBeInViewport({ ratio: 1 });
    await expect(page.getByText('3 left', { exact: true })).toBeInViewport({ ratio: 1 });

    await reserve.tap();
    const buy = page.getByRole('button', { name: 'Buy now: Alarm clock' });
    const countdown = page
      .getByRole('group', { name: 'In your cart: Alarm clock' })
      .getByText(/^0:\d\d$/)
      .first();
    const release = page.getByRole('button', { name: 'Release: Alarm clock' });
    for (const part of [buy, countdown, release]) await expect(part).toBeInViewport({ ratio: 1 });
    // Nothing covers them, nor further down.
    await buy.tap({ trial: true });
    await page.evaluate(() => {
      window.scrollTo(0, document.body.scrollHeight);
    });
    for (const part of [buy, countdown, release]) await expect(part).toBeInViewport({ ratio: 1 });
    await page.getByRole('contentinfo').getByRole('link').last().tap({ trial: true });
    await buy.tap();
    await expectBought(page, 'Alarm clock');
  });

  test('three holds are all reachable', async () => {
    const user = await shop.createUser();
    const names = ['First', 'Second', 'Third'];
    const ids = await Promise.all(names.map((name) => shop.createDrop({ name })));
    for (const id of ids) await shop.reserve(user, id).expect(201);
    const page = await shop.visit(`/drops/${ids[0]}`, { ...COMMON_PHONE, user });
    const others = page.getByRole('navigation', { name: 'In your cart' }).getByRole('link');
    await expect(others).toHaveCount(2);
    for (const link of await others.all()) await link.tap({ trial: true });
    await page.getByRole('button', { name: 'Buy now: First' }).tap({ trial: true });
    await page.getByRole('contentinfo').getByRole('link').last().tap({ trial: true });
    // Side by side, so that they leave the screen to the page.
    const boxes = await Promise.all((await others.all()).map((link) => link.boundingBox()));
    expect(new Set(boxes.map((box) => box?.y)).size).toBe(1);
    await others.filter({ hasText: 'Third' }).tap();
    await expect(page).toHaveURL(`${shop.url}/drops/${ids[2]}`);
    await page.getByRole('button', { name: 'Buy now: Third' }).tap({ trial: true });
  });

  test.each(['/', '/drops/'])('a notice covers no control on %s, not even with three holds', async (start) => {
    const user = await shop.createUser();
    const names = ['One', 'Two', 'Three', 'Four'].map((name) => `${name} of ${start}`);
    const ids = await Promise.all(names.map((name) => shop.createDrop({ name })));
    for (const id of ids) await shop.reserve(user, id).expect(201);
    const page = await shop.visit(start === '/' ? '/?q=of' : `/drops/${ids[0]}`, { ...COMMON_PHONE, user });
    const release = page.getByRole('button', { name: `Release: ${names[0]}` });
    await release.tap();
    const notice = page.getByRole('status', { name: 'Notices' }).locator('> *');
    await expect(notice).toContainText(`${names[0]} released.`);
    await expect(page.getByRole('navigation', { name: 'In your cart' }).getByRole('link')).toHaveCount(3);
    const covered = () =>
      page.evaluate(() => {
        const cards = [...document.querySelectorAll('[aria-label="Notices"] > *')].map((card) =>
          card.getBoundingClientRect(),
        );
        const controls = [...document.querySelectorAll('a[href], button, input, select, [role=switch]')].filter(
          (control) => !control.closest('[aria-label="Notices"]') && control.checkVisibility(),
        );
        return controls.flatMap((control) => {
          const { left, right, top, bottom } = control.getBoundingClientRect();
          const isCovered = cards.some(
            (card) => left < card.right && card.left < right && top < card.bottom && card.top < bottom,
          );
          return isCovered ? [control.getAttribute('aria-label') ?? control.textContent] : [];
        });
      });
    // Its clock stands still while the pointer is on it.
    await notice.hover();
    await expect.poll(covered).toEqual([]);
  });

  test('a user gets from the list to a purchase by touch', async () => {
    const id = await shop.createDrop({ name: 'Pocket mirror', price: '8.00', total_stock: 3 });
    const user = await shop.createUser();
    const page: Page = await shop.visit('/', { ...PHONE, user });
    await page.getByRole('link', { name: 'Pocket mirror' }).tap();
    await expect(page).toHaveURL(`${shop.url}/drops/${id}`);
    await page.getByRole('button', { name: 'Reserve: Pocket mirror' }).tap();
    await page.getByRole('button', { name: 'Buy now: Pocket mirror' }).tap();
    await expectBought(page, 'Pocket mirror');
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Order history' }).tap();
    await expect(page.getByRole('article', { name: 'Pocket mirror' })).toBeVisible();
    // The last link of the page is not covered.
    await page.getByRole('contentinfo').getByRole('link').last().tap({ trial: true });
  });
});

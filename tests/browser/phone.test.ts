import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import type { TestUser } from '../helpers/app.js';
import { startShop, type Shop } from '../helpers/shop.js';
import { expect } from '../helpers/windows.js';

let shop: Shop;
let admin: TestUser;
let dropId: string;

/** The narrowest phones. */
const PHONE = { viewport: { width: 320, height: 568 }, isMobile: true, hasTouch: true };
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
    ['the dashboard', () => '/dashboard', /dashboard/i],
    ['the admin page', () => '/admin', /admin/i],
  ])('%s: all controls are on the screen and large enough', async (_, path, heading) => {
    const page = await shop.visit(path(), { ...PHONE, user: admin });
    await expect(page.getByRole('heading', { level: 1, name: heading })).toBeAttached();
    await page.waitForLoadState('networkidle');
    expect(await page.evaluate(unreachableControls, MIN_TARGET_PX)).toEqual([]);
  });

  test('a user gets from the list to a purchase by touch', async () => {
    const id = await shop.createDrop({ name: 'Pocket mirror', price: '8.00', total_stock: 3 });
    const user = await shop.createUser();
    const page: Page = await shop.visit('/', { ...PHONE, user });
    await page.getByRole('link', { name: 'Pocket mirror' }).tap();
    await expect(page).toHaveURL(`${shop.url}/drops/${id}`);
    await page.getByRole('button', { name: 'Reserve: Pocket mirror' }).tap();
    await page.getByRole('button', { name: 'Buy now: Pocket mirror' }).tap();
    await expect(page.getByRole('status', { name: 'Notices' })).toContainText('You bought Pocket mirror');
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Order history' }).tap();
    await expect(page.getByRole('article', { name: 'Pocket mirror' })).toBeVisible();
    // The last link of the page is not covered.
    await page.getByRole('contentinfo').getByRole('link').last().tap({ trial: true });
  });
});

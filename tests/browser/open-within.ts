import type { Page } from 'playwright';
import { expect } from '../helpers/windows.js';

/** An address of no page. */
export const UNKNOWN_PATH = '/no-such-page';

/** Opens a path within the page, without loading the document again, and waits for its heading. */
export async function openWithin(page: Page, path: string): Promise<void> {
  const heading = page.getByRole('heading', { level: 1 });
  const open = (to: string) =>
    page.evaluate((url) => {
      history.pushState(null, '', url);
    }, to);
  // The heading of another page, which is not taken for that of the next one.
  await open(UNKNOWN_PATH);
  await expect(heading).toHaveText('Page not found');
  if (path === UNKNOWN_PATH) return;
  await heading.evaluate((element) => {
    element.setAttribute('data-left', '');
  });
  await open(path);
  await expect(page.locator('h1:not([data-left])')).toBeAttached();
}

import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import type { Page } from 'playwright';
import { startTestApp, type TestApp } from '../helpers/app.js';
import { expect, openWindows, type Windows } from '../helpers/windows.js';

let app: TestApp;
let windows: Windows;

beforeAll(async () => {
  // No event reports a start or an end here: the page depends on the server's clock.
  app = await startTestApp({ pollLedger: false });
  windows = await openWindows();
});
afterEach(() => windows.closeAll());
afterAll(async () => {
  await windows.close();
  await app.close();
});

/** Records every pair of tag and button that the page shows for the drop from now on. */
async function recordPairs(page: Page, name: string): Promise<() => Promise<string[]>> {
  await page.evaluate((label) => {
    const pairs: string[] = [];
    const record = () => {
      const article = [...document.querySelectorAll('article')].find(
        (each) => each.ariaLabel === label || each.textContent.includes(label),
      );
      const tag = article?.querySelector('span[class*=tag]')?.textContent;
      const button = article?.querySelector('button')?.textContent;
      const pair = `${tag} + ${button}`;
      if (pairs.at(-1) !== pair) pairs.push(pair);
      requestAnimationFrame(record);
    };
    record();
    Object.assign(window, { pairs });
  }, name);
  return () => page.evaluate(() => (window as unknown as { pairs: string[] }).pairs);
}

async function databaseTimeIn(ms: number): Promise<Date> {
  const { rows } = await app.database.query<{ at: Date }>(
    `SELECT clock_timestamp() + $1::int * interval '1 millisecond' AS at`,
    [ms],
  );
  return rows[0]?.at ?? new Date(NaN);
}

describe.each([
  { page: 'the list', path: () => '/' },
  { page: 'the page of the drop', path: (dropId: string) => `/drops/${dropId}` },
])('$page', ({ page: pageName, path }) => {
  test('shows tag and button of the same state through the start and the end of a drop', async () => {
    const name = `Through ${pageName}`;
    const dropId = await app.createDrop({ name, drop_starts_at: await databaseTimeIn(3_600_000) });
    const page = await windows.open(`${app.url}${path(dropId)}`);
    const button = page.getByRole('button', { name: `: ${name}` });
    await expect(button).toHaveText('Not open yet');
    const pairs = await recordPairs(page, name);

    // Published like any edit, some seconds before the start.
    const edit = async (column: string, at: Date) => {
      await app.database.query(`UPDATE drops SET ${column} = $2 WHERE id = $1`, [dropId, at]);
      const { body } = await app.http.get(`/api/drops/${dropId}`).expect(200);
      app.context.publish('drop_update', body.data);
    };
    const starts = await databaseTimeIn(6_000);
    await edit('drop_starts_at', starts);
    await expect(button).toHaveText('Reserve');
    expect((await databaseTimeIn(0)).getTime()).toBeGreaterThanOrEqual(starts.getTime());
    await edit('drop_ends_at', await databaseTimeIn(3_000));
    await expect(button).toHaveText('Ended');
    expect(await pairs()).toEqual(['Upcoming + Not open yet', 'Live + Reserve', 'Ended + Ended']);
  });
});

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

interface Shown {
  /** A tag and a button, with a clock in place of the countdown. */
  readonly pair: string;
  /** When it was shown first: ms since 1970. */
  readonly at: number;
}

/** Records every pair of tag and button that the page shows for the drop from now on, and the longest time without a frame. */
async function recordPairs(page: Page, name: string) {
  await page.evaluate((label) => {
    const pairs: Shown[] = [];
    const frames = { last: performance.now(), longestMs: 0 };
    const record = () => {
      frames.longestMs = Math.max(frames.longestMs, performance.now() - frames.last);
      frames.last = performance.now();
      const article = [...document.querySelectorAll('article')].find(
        (each) => each.ariaLabel === label || each.textContent.includes(label),
      );
      const tag = article?.querySelector('span[class*=tag]')?.textContent;
      const button = article?.querySelector('button')?.textContent.replace(/\d[\d:]*/, '0:00');
      const pair = `${tag} + ${button}`;
      if (pairs.at(-1)?.pair !== pair) pairs.push({ pair, at: Date.now() });
      requestAnimationFrame(record);
    };
    record();
    Object.assign(window, { recorded: { pairs, frames } });
  }, name);
  return () =>
    page.evaluate(() => {
      const { recorded } = window as unknown as { recorded: { pairs: Shown[]; frames: { longestMs: number } } };
      return { pairs: recorded.pairs, longestFrameMs: recorded.frames.longestMs };
    });
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
    await expect(button).toHaveText(/^Opens in \d/);
    const recorded = await recordPairs(page, name);
    const requests: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/api/')) requests.push(request.url());
    });

    // Published like any edit, some seconds before the start.
    const edit = async (column: string, at: Date) => {
      await app.database.query(`UPDATE drops SET ${column} = $2 WHERE id = $1`, [dropId, at]);
      const { body } = await app.http.get(`/api/drops/${dropId}`).expect(200);
      app.context.publish('drop_update', body.data);
    };
    const starts = await databaseTimeIn(6_000);
    await edit('drop_starts_at', starts);
    await expect(button).toHaveText('Sign in to reserve');
    expect((await databaseTimeIn(0)).getTime()).toBeGreaterThanOrEqual(starts.getTime());
    await edit('drop_ends_at', await databaseTimeIn(3_000));
    await expect(button).toHaveText('Ended');
    const { pairs, longestFrameMs } = await recorded();
    expect(pairs.map(({ pair }) => pair)).toEqual([
      'Upcoming + Opens in 0:00',
      'Live + Sign in to reserve',
      'Ended + Ended',
    ]);
    // The database is on the machine of the browser: they have the same clock.
    const lateMs = (pairs[1]?.at ?? Infinity) - starts.getTime();
    expect(lateMs, 'ms after the start, without those in which the machine was busy').toBeLessThan(
      250 + longestFrameMs,
    );
    // The list is fetched for the two edits, and from time to time.
    expect(requests.length).toBeLessThanOrEqual(path('') === '/' ? 4 : 0);
  });
});

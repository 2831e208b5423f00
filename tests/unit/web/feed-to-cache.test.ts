import { describe, expect, it } from 'vitest';
import { withBuyers } from '../../../web/src/live/feed-to-cache.js';
import { DROP as drop } from '../../helpers/drop.js';

const buyer = (username: string, second: number) => ({
  id: `purchase of ${username} at ${second}`,
  username,
  purchasedAt: new Date(second * 1_000).toISOString(),
});

describe('withBuyers', () => {
  it('keeps the three latest, newest first, in any order of arrival', () => {
    const before = { ...drop, topPurchasers: [buyer('ada', 30), buyer('bob', 20), buyer('cay', 10)] };
    const names = (...newPurchases: ReturnType<typeof buyer>[]) =>
      withBuyers(before, newPurchases).topPurchasers.map(({ username }) => username);
    expect(names(buyer('dee', 40))).toEqual(['dee', 'ada', 'bob']);
    expect(names(buyer('dee', 25), buyer('eve', 50))).toEqual(['eve', 'ada', 'dee']);
    expect(names(buyer('ada', 40))).toEqual(['ada', 'ada', 'bob']);
  });

  it('keeps the id of a fetched purchase, and gives one to a purchase of an event', () => {
    const [fetched, { id: _, ...announced }] = [buyer('ada', 30), buyer('ada', 40)];
    const { topPurchasers } = withBuyers({ ...drop, topPurchasers: [fetched] }, [announced]);
    expect(topPurchasers).toMatchObject([announced, fetched]);
    expect(new Set(topPurchasers.map(({ id }) => id)).size).toBe(2);
  });

  it('returns the same object if it has the purchases already', () => {
    const before = { ...drop, topPurchasers: [buyer('ada', 30)] };
    expect(withBuyers(before, [buyer('ada', 30)])).toBe(before);
    expect(withBuyers(before, [])).toBe(before);
  });
});

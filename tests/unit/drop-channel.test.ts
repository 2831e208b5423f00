import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDropChannel, WINDOW, type DropChannel } from '../../src/realtime/broadcast/drop-channel.js';
import type { PublishedPayloads } from '../../src/realtime/events.js';

type Picture = PublishedPayloads['inventory_update'];

let channel: DropChannel;
let heard: { at: number; event: string; payload: unknown }[];

beforeEach(() => {
  vi.useFakeTimers();
  const begin = performance.now();
  heard = [];
  channel = createDropChannel((event, payload) => {
    heard.push({ at: performance.now() - begin, event, payload });
  });
});

afterEach(() => {
  vi.useRealTimers();
});

const picture = (version: number, status: Picture['status'] = 'live'): Picture => ({
  dropId: 'drop',
  availableStock: 1_000_000 - version,
  reservedStock: version,
  soldStock: 0,
  totalStock: 1_000_000,
  version,
  status,
});

function details(version: number, members: Partial<PublishedPayloads['drop_update']> = {}) {
  const { dropId: id, ...stock } = picture(version);
  const time = '2030-01-01T00:00:00.000Z';
  return {
    id,
    ...stock,
    name: 'Aurora',
    price: '1.00',
    limitPerUser: null,
    imageUrl: null,
    dropStartsAt: time,
    dropEndsAt: null,
    createdAt: time,
    updatedAt: time,
    topPurchasers: [],
    ...members,
  };
}

const purchase = (username: string) => ({ dropId: 'drop', username, purchasedAt: '2030-01-01T00:00:00.000Z' });
const events = () => heard.map(({ event }) => event);
const versions = () => heard.map(({ payload }) => (payload as Picture).version);

describe('pictures', () => {
  it('go at once when they are alone', () => {
    channel.show(picture(1));
    expect(heard).toEqual([{ at: 0, event: 'inventory_update', payload: picture(1) }]);
    vi.advanceTimersByTime(WINDOW);
    channel.show(picture(2));
    expect(heard.map(({ at }) => at)).toEqual([0, WINDOW]);
    vi.advanceTimersByTime(1_000);
    expect(heard.length).toBe(2);
  });

  it('are at most twenty a second, however many there are, and the last is always sent', () => {
    for (let version = 1; version <= 1_000; version += 1) {
      channel.show(picture(version));
      vi.advanceTimersByTime(1);
    }
    expect(heard.filter(({ at }) => at < 1_000).length).toBe(20);
    vi.advanceTimersByTime(WINDOW);
    expect(heard.at(-1)).toEqual({ at: 1_000, event: 'inventory_update', payload: picture(1_000) });
    const gaps = heard.slice(1).map(({ at }, index) => at - (heard[index]?.at ?? 0));
    expect(Math.min(...gaps)).toBe(WINDOW);
  });

  it('never go back, nor come twice', () => {
    for (const version of [5, 4, 5]) channel.show(picture(version));
    vi.advanceTimersByTime(WINDOW);
    for (const version of [5, 7, 6]) channel.show(picture(version));
    vi.advanceTimersByTime(WINDOW);
    expect(versions()).toEqual([5, 7]);
  });

  it('that wait can be sent before their time', () => {
    for (const version of [1, 2, 3]) channel.show(picture(version));
    channel.flush();
    expect(versions()).toEqual([1, 3]);
    vi.advanceTimersByTime(1_000);
    expect(versions()).toEqual([1, 3]);
  });

  it('can be waited for', async () => {
    const reached: number[] = [];
    channel.show(picture(1));
    channel.show(picture(2));
    for (const version of [1, 2, 3]) void channel.whenSent(version).then(() => reached.push(version));
    await vi.advanceTimersByTimeAsync(0);
    expect(reached).toEqual([1]);
    await vi.advanceTimersByTimeAsync(WINDOW);
    expect(reached).toEqual([1, 2]);
  });
});

describe('purchases', () => {
  it('go at once when they are alone, after the stock', () => {
    channel.show(picture(2));
    channel.tellPurchase(purchase('ada'));
    expect(events()).toEqual(['inventory_update', 'purchase_update']);
  });

  it('wait for the stock that shows them', () => {
    channel.show(picture(2));
    channel.show(picture(3));
    channel.tellPurchase(purchase('ada'));
    expect(events()).toEqual(['inventory_update']);
    vi.advanceTimersByTime(WINDOW);
    expect(events()).toEqual(['inventory_update', 'inventory_update', 'purchase_update']);
  });

  it('of which there are many are the latest three of each window', () => {
    for (let buyer = 1; buyer <= 100; buyer += 1) {
      channel.show(picture(buyer));
      channel.tellPurchase(purchase(`buyer ${buyer}`));
    }
    vi.advanceTimersByTime(WINDOW);
    const names = heard.flatMap(({ payload }) => (payload as { username?: string }).username ?? []);
    expect(names).toEqual(['buyer 1', 'buyer 98', 'buyer 99', 'buyer 100']);
    vi.advanceTimersByTime(10 * WINDOW);
    channel.tellPurchase(purchase('a late one'));
    expect(heard.at(-1)?.payload).toEqual(purchase('a late one'));
  });
});

describe('expiries', () => {
  it('are told to everybody ten times in a window', () => {
    const told = () => Array.from({ length: 100 }, () => channel.mayTellExpiry()).filter(Boolean).length;
    expect(told()).toBe(10);
    vi.advanceTimersByTime(WINDOW);
    expect(told()).toBe(10);
  });
});

describe('details', () => {
  it('come after the picture of the same version, which waits for no window', () => {
    channel.show(picture(1));
    channel.show(picture(2));
    channel.showDetails('drop_update', details(3));
    expect(events()).toEqual(['inventory_update', 'inventory_update', 'drop_update']);
    expect(versions()).toEqual([1, 3, 3]);
    vi.advanceTimersByTime(1_000);
    channel.show(picture(2));
    channel.show(picture(3));
    expect(heard.length).toBe(3);
  });

  it('that were read before the stock moved on are sent with the stock of now', () => {
    channel.show(picture(8));
    channel.showDetails('drop_update', details(7, { name: 'New name' }));
    expect(heard.at(-1)).toMatchObject({
      event: 'drop_update',
      payload: { id: 'drop', name: 'New name', version: 8, reservedStock: 8 },
    });
    expect(heard.at(-1)?.payload).not.toHaveProperty('dropId');
  });

  it('of a new drop are its first picture too', () => {
    channel.showDetails('new_drop', details(1));
    channel.show(picture(1));
    channel.showDetails('new_drop', details(1));
    vi.advanceTimersByTime(WINDOW);
    expect(events()).toEqual(['new_drop']);
  });

  it('of a drop whose pictures were heard before it was told to be new do not stand for a picture', () => {
    channel.show(picture(2));
    channel.showDetails('new_drop', details(3));
    expect(events()).toEqual(['inventory_update', 'inventory_update', 'new_drop']);
    expect(versions()).toEqual([2, 3, 3]);
  });

  it('are not sent twice', () => {
    for (const version of [4, 4, 3]) channel.showDetails('drop_update', details(version));
    expect(events()).toEqual(['inventory_update', 'drop_update']);
  });

  it('that only the time has changed come without a picture', () => {
    channel.showDetails('drop_update', details(9), true);
    expect(events()).toEqual(['drop_update']);
    // Of before, and late.
    channel.show(picture(8));
    vi.advanceTimersByTime(WINDOW);
    expect(versions()).toEqual([9]);
    channel.showDetails('drop_update', details(9, { status: 'ended' }), true);
    expect(events()).toEqual(['drop_update', 'drop_update']);
  });

  it('of one version never go back to an earlier state', () => {
    channel.showDetails('new_drop', details(1, { status: 'scheduled' }));
    channel.showDetails('drop_update', details(1), true);
    channel.showDetails('new_drop', details(1, { status: 'scheduled' }));
    channel.showDetails('drop_update', details(1, { status: 'scheduled' }), true);
    expect(heard.map(({ payload }) => (payload as Picture).status)).toEqual(['scheduled', 'live']);
    expect(channel.status).toBe('live');
  });

  it('are sent again when stock of a higher version was sent with an earlier state', () => {
    channel.showDetails('drop_update', details(1, { status: 'ended' }));
    channel.show(picture(2, 'live'));
    vi.advanceTimersByTime(WINDOW);
    expect(channel.status).toBe('live');
    channel.showDetails('drop_update', details(2, { status: 'ended' }), true);
    expect(channel.status).toBe('ended');
    expect(events()).toEqual(['inventory_update', 'drop_update', 'inventory_update', 'drop_update']);
  });
});

it('rests when nothing has happened for a while', () => {
  const begin = performance.now();
  channel.show(picture(1));
  expect(channel.restsSince(begin + 1)).toBe(false);
  vi.advanceTimersByTime(1_000);
  expect([channel.restsSince(begin), channel.restsSince(begin + 1)]).toEqual([false, true]);
});

describe('what a new follower is told', () => {
  it('is the newest of what was sent and what was read', () => {
    channel.show(picture(3));
    expect(channel.newestOf(picture(2))).toEqual(picture(3));
    expect(channel.newestOf(picture(4))).toEqual(picture(4));
  });

  it('is not the state from before a start or an end that was told since it was read', () => {
    channel.showDetails('drop_update', details(1, { status: 'live' }), true);
    expect(channel.newestOf(picture(1, 'scheduled')).status).toBe('live');
    channel.showDetails('drop_update', details(1, { status: 'ended' }), true);
    expect(channel.newestOf(picture(1, 'live')).status).toBe('ended');
    // What was read later than it was told.
    expect(channel.newestOf(picture(2, 'scheduled')).status).toBe('scheduled');
  });

  it('is the state that was read, if the time has moved on since the last was told', () => {
    channel.showDetails('drop_update', details(1, { status: 'scheduled' }), true);
    expect(channel.newestOf(picture(1, 'live')).status).toBe('live');
  });
});

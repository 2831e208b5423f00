import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DropFeed, InventorySnapshot, FeedEvents } from '../../../src/client/index.js';
import { createHappenings, type Happenings } from '../../../web/src/dashboard/activity.js';

type Listeners = { [Name in keyof FeedEvents]?: FeedEvents[Name] };

/** As much of a feed as is listened to. */
function createFeed() {
  const listeners: Listeners = {};
  const pictures = new Map<string, InventorySnapshot>();
  const feed = {
    drops: () => [...pictures.values()],
    on: <Name extends keyof FeedEvents>(name: Name, listener: FeedEvents[Name]) => {
      listeners[name] = listener;
      return () => {
        delete listeners[name];
      };
    },
  } as unknown as DropFeed;
  function show(dropId: string, free: number, held: number, sold: number, status?: InventorySnapshot['status']): void {
    const picture: InventorySnapshot = {
      dropId,
      availableStock: free,
      reservedStock: held,
      soldStock: sold,
      totalStock: free + held + sold,
      version: 1,
      status: status ?? (free === 0 ? 'sold_out' : 'live'),
    };
    pictures.set(dropId, picture);
    listeners.change?.(dropId, picture);
  }
  return { feed, listeners, show };
}

let now = 0;
let happenings: Happenings;
let stop: () => void;
let told: number;
let source: ReturnType<typeof createFeed>;

beforeEach(() => {
  vi.useFakeTimers();
  [now, told, source] = [1_000, 0, createFeed()];
  source.show('a', 10, 0, 0);
  happenings = createHappenings(source.feed, () => now);
  stop = happenings.subscribe(() => {
    told += 1;
  });
});
afterEach(() => {
  stop();
  vi.useRealTimers();
});

const kinds = () => happenings.all().map(({ kind }) => kind);
const buys = (username: string) => source.listeners.purchase_update?.({ dropId: 'a', username, purchasedAt: '' });

describe('what happens', () => {
  it('is read from how the pictures differ', () => {
    source.show('a', 8, 2, 0);
    source.show('a', 8, 1, 1);
    source.show('a', 9, 0, 1);
    source.show('a', 14, 0, 1);
    expect(happenings.all()).toMatchObject([
      { kind: 'restocked', units: 5 },
      { kind: 'back', units: 1 },
      { kind: 'bought', units: 1, names: [] },
      { kind: 'held', units: 2 },
    ]);
  });

  it('is nothing where a picture is the first of its drop', () => {
    source.show('b', 5, 5, 0);
    expect(happenings.all()).toEqual([]);
    source.show('b', 4, 6, 0);
    expect(happenings.all()).toMatchObject([{ dropId: 'b', kind: 'held', units: 1 }]);
  });

  it('tells another state of a drop, and a new drop', () => {
    source.show('a', 0, 10, 0);
    source.listeners.new_drop?.({ id: 'n', name: 'New' } as Parameters<FeedEvents['new_drop']>[0]);
    expect(happenings.all()).toMatchObject([
      { kind: 'new', name: 'New', dropId: 'n' },
      { kind: 'status', status: 'sold_out' },
      { kind: 'held', units: 10 },
    ]);
  });

  it('names buyers, and counts each purchase once', () => {
    source.show('a', 6, 4, 0);
    source.show('a', 6, 2, 2);
    buys('ann');
    buys('bob');
    expect(happenings.all()[0]).toMatchObject({ kind: 'bought', units: 2, names: ['bob', 'ann'] });
    now += 5_000;
    // Told without the picture that counts it: the connection was lost between.
    buys('cat');
    expect(happenings.all()[0]).toMatchObject({ kind: 'bought', units: 1, names: ['cat'] });
  });

  it('of a moment is one, and of the next another one, however long it goes on', () => {
    for (let unit = 1; unit <= 8; unit += 1) {
      source.show('a', 10 - unit, unit, 0);
      now += 500;
    }
    expect(kinds()).toEqual(['held', 'held']);
    expect(happenings.all().map((each) => ('units' in each ? each.units : 0))).toEqual([4, 4]);
  });

  it('is remembered for a while, and told a few times a second', () => {
    for (let time = 0; time < 200; time += 1) {
      source.show('a', time % 2 === 0 ? 9 : 10, time % 2 === 0 ? 1 : 0, 0);
      now += 3_000;
    }
    expect(happenings.all()).toHaveLength(60);
    expect(told).toBe(0);
    vi.advanceTimersByTime(250);
    expect(told).toBe(1);
  });

  it('is not listened to when nobody asks', () => {
    stop();
    expect(Object.keys(source.listeners)).toEqual([]);
    vi.advanceTimersByTime(1_000);
    expect(told).toBe(0);
    stop = happenings.subscribe(() => undefined);
    source.show('a', 3, 7, 0);
    expect(happenings.all()).toMatchObject([{ kind: 'held', units: 7 }]);
  });
});

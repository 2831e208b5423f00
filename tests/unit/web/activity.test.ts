import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DropFeed, InventorySnapshot, FeedEvents } from '../../../src/client/index.js';
import { createActivityFeed, type ActivityFeed } from '../../../web/src/dashboard/activity.js';

type Listeners = { [Name in keyof FeedEvents]?: FeedEvents[Name] };

/** The part of a feed that the activity feed uses. */
function createFeed() {
  const listeners: Listeners = {};
  const snapshots = new Map<string, InventorySnapshot>();
  const feed = {
    drops: () => [...snapshots.values()],
    on: <Name extends keyof FeedEvents>(name: Name, listener: FeedEvents[Name]) => {
      listeners[name] = listener;
      return () => {
        delete listeners[name];
      };
    },
  } as unknown as DropFeed;
  function show(dropId: string, free: number, held: number, sold: number, status?: InventorySnapshot['status']): void {
    const snapshot: InventorySnapshot = {
      dropId,
      availableStock: free,
      reservedStock: held,
      soldStock: sold,
      totalStock: free + held + sold,
      version: 1,
      status: status ?? (free === 0 ? 'sold_out' : 'live'),
    };
    snapshots.set(dropId, snapshot);
    listeners.change?.(dropId, snapshot);
  }
  return { feed, listeners, show };
}

let now = 0;
let activityFeed: ActivityFeed;
let stop: () => void;
let notified: number;
let source: ReturnType<typeof createFeed>;

beforeEach(() => {
  vi.useFakeTimers();
  [now, notified, source] = [1_000, 0, createFeed()];
  source.show('a', 10, 0, 0);
  activityFeed = createActivityFeed(source.feed, () => now);
  stop = activityFeed.subscribe(() => {
    notified += 1;
  });
});
afterEach(() => {
  stop();
  vi.useRealTimers();
});

const kinds = () => activityFeed.all().map(({ kind }) => kind);
const buys = (username: string) => source.listeners.purchase_update?.({ dropId: 'a', username, purchasedAt: '' });

describe('the activity feed', () => {
  it('is derived from the differences between snapshots', () => {
    source.show('a', 8, 2, 0);
    source.show('a', 8, 1, 1);
    source.show('a', 9, 0, 1);
    source.show('a', 14, 0, 1);
    expect(activityFeed.all()).toMatchObject([
      { kind: 'restocked', units: 5 },
      { kind: 'back', units: 1 },
      { kind: 'bought', units: 1, names: [] },
      { kind: 'held', units: 2 },
    ]);
  });

  it('ignores the first snapshot of a drop', () => {
    source.show('b', 5, 5, 0);
    expect(activityFeed.all()).toEqual([]);
    source.show('b', 4, 6, 0);
    expect(activityFeed.all()).toMatchObject([{ dropId: 'b', kind: 'held', units: 1 }]);
  });

  it('has entries for a new state and a new drop', () => {
    source.show('a', 0, 10, 0);
    source.listeners.new_drop?.({ id: 'n', name: 'New' } as Parameters<FeedEvents['new_drop']>[0]);
    expect(activityFeed.all()).toMatchObject([
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
    expect(activityFeed.all()[0]).toMatchObject({ kind: 'bought', units: 2, names: ['bob', 'ann'] });
    now += 5_000;
    // Without the snapshot that counts the purchase: the connection was lost in between.
    buys('cat');
    expect(activityFeed.all()[0]).toMatchObject({ kind: 'bought', units: 1, names: ['cat'] });
  });

  it('merges changes within two seconds into one entry', () => {
    for (let unit = 1; unit <= 8; unit += 1) {
      source.show('a', 10 - unit, unit, 0);
      now += 500;
    }
    expect(kinds()).toEqual(['held', 'held']);
    expect(activityFeed.all().map((each) => ('units' in each ? each.units : 0))).toEqual([4, 4]);
  });

  it('keeps sixty entries and notifies at most every 250 ms', () => {
    for (let time = 0; time < 200; time += 1) {
      source.show('a', time % 2 === 0 ? 9 : 10, time % 2 === 0 ? 1 : 0, 0);
      now += 3_000;
    }
    expect(activityFeed.all()).toHaveLength(60);
    expect(notified).toBe(0);
    vi.advanceTimersByTime(250);
    expect(notified).toBe(1);
  });

  it('removes its listeners when it has no subscribers', () => {
    stop();
    expect(Object.keys(source.listeners)).toEqual([]);
    vi.advanceTimersByTime(1_000);
    expect(notified).toBe(0);
    stop = activityFeed.subscribe(() => undefined);
    source.show('a', 3, 7, 0);
    expect(activityFeed.all()).toMatchObject([{ kind: 'held', units: 7 }]);
  });
});

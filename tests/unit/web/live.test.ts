import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DropFeed, FeedStatus } from '../../../src/client/index.js';
import { createListenerMap } from '../../../src/client/listeners.js';
import type { FeedEvents } from '../../../src/client/feed-types.js';
import { createLive } from '../../../web/src/live/live.js';
import { watchPace } from '../../../web/src/live/update-rate.js';
import { createTicker } from '../../../web/src/live/ticker.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A feed that tells what a test lets it tell, and remembers what it was asked to follow. */
function createFeed() {
  const { on, notify } = createListenerMap<FeedEvents>();
  const calls: string[] = [];
  let status: FeedStatus = 'reconnecting';
  const feed: DropFeed = {
    get status() {
      return status;
    },
    error: null,
    get: () => undefined,
    drops: () => [],
    on,
    subscribe: (ids = []) => calls.push(`+${ids.join()}`),
    unsubscribe: (ids = []) => calls.push(`-${ids.join()}`),
    serverNow: () => Date.now(),
    clockAccuracy: () => 0,
    setToken: () => undefined,
    close: () => undefined,
  };
  return {
    feed,
    calls,
    change: (id: string) => {
      notify('change', id, null);
    },
    become: (next: FeedStatus) => {
      status = next;
      notify('status', next, null);
    },
  };
}

describe('live', () => {
  it('tells the changes of a frame at its end, each drop once', () => {
    const { feed, change } = createFeed();
    const frames: (() => void)[] = [];
    const live = createLive(feed, (work) => frames.push(work));
    const told: string[] = [];
    live.onPicture('a', () => told.push('a'));
    const stop = live.onPicture('b', () => told.push('b'));

    for (const id of ['a', 'b', 'a', 'a', 'c']) change(id);
    expect([frames.length, told]).toEqual([1, []]);
    frames.shift()?.();
    expect(told).toEqual(['a', 'b']);

    stop();
    change('b');
    change('a');
    frames.shift()?.();
    expect(told).toEqual(['a', 'b', 'a']);
    live.close();
  });

  it('follows a drop once for all who show it, and lets go a moment after the last one', () => {
    const { feed, calls } = createFeed();
    const live = createLive(feed, () => 0);
    const first = live.follow(['a', 'b']);
    const second = live.follow(['b', 'c']);
    expect(calls).toEqual(['+a,b', '+c']);
    first();
    vi.advanceTimersByTime(5_000);
    expect(calls).toEqual(['+a,b', '+c', '-a']);
    second();
    const again = live.follow(['c']);
    vi.advanceTimersByTime(5_000);
    expect(calls).toEqual(['+a,b', '+c', '-a', '-b']);
    again();
    live.close();
  });

  it('speaks of connecting at first, and of reconnecting when that takes long or was live before', () => {
    const slow = createFeed();
    const live = createLive(slow.feed, () => 0);
    expect(live.status()).toBe('connecting');
    vi.advanceTimersByTime(4_000);
    expect(live.status()).toBe('reconnecting');
    live.close();

    const lost = createFeed();
    const other = createLive(lost.feed, () => 0);
    lost.become('live');
    expect(other.status()).toBe('live');
    lost.become('reconnecting');
    expect(other.status()).toBe('reconnecting');
    other.close();
  });
});

describe('a network that is lost', () => {
  it('is named instead of the feed’s status, unless the feed is live without it', () => {
    const { feed, become } = createFeed();
    const live = createLive(feed, () => 0);
    become('live');
    let told = 0;
    live.onStatus(() => (told += 1));
    live.setOnline(false);
    expect([live.status(), told]).toEqual(['live', 1]);
    become('reconnecting');
    expect(live.status()).toBe('offline');
    become('stale');
    expect(live.status()).toBe('offline');
    become('refused');
    expect(live.status()).toBe('refused');
    become('reconnecting');
    live.setOnline(true);
    expect(live.status()).toBe('reconnecting');
    live.close();
  });
});

describe('the pace', () => {
  it('is a rush from twelve changes a second on, until they are fewer than six', () => {
    const { feed, change } = createFeed();
    const root: Pick<HTMLElement, 'dataset'> = { dataset: {} };
    const stop = watchPace(feed, root);
    const second = (changes: number) => {
      for (let n = 0; n < changes; n += 1) change('a');
      vi.advanceTimersByTime(1_000);
      return root.dataset.pace;
    };
    expect([11, 12, 6, 5, 11].map(second)).toEqual([undefined, 'rush', 'rush', undefined, undefined]);
    stop();
  });
});

describe('the ticker', () => {
  it('shows all the same time between two steps, and rests when nobody listens', () => {
    const ticker = createTicker(() => Date.now(), 250);
    const times: number[] = [];
    const stop = ticker.subscribe(() => times.push(ticker.now()));
    vi.advanceTimersByTime(700);
    expect(times).toHaveLength(2);
    expect(ticker.now()).toBe(times[1]);
    expect(times.every((time) => time % 250 === 0)).toBe(true);
    stop();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(10_000);
    expect(Date.now() - ticker.now()).toBeLessThan(250);
  });
});

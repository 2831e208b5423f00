import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DropFeed, FeedStatus } from '../../../src/client/index.js';
import { createListenerMap } from '../../../src/client/listeners.js';
import type { FeedEvents } from '../../../src/client/feed-types.js';
import { createLive } from '../../../web/src/live/live.js';
import { watchUpdateRate } from '../../../web/src/live/update-rate.js';
import { createTicker } from '../../../web/src/live/ticker.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A feed that is controlled by the test and records which drops are followed. */
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
    setStatus: (next: FeedStatus) => {
      status = next;
      notify('status', next, null);
    },
  };
}

describe('live', () => {
  it('notifies of the changes of a frame at its end, once for each drop', () => {
    const { feed, change } = createFeed();
    const frames: (() => void)[] = [];
    const live = createLive(feed, (work) => frames.push(work));
    const notified: string[] = [];
    live.onSnapshot('a', () => notified.push('a'));
    const stop = live.onSnapshot('b', () => notified.push('b'));

    for (const id of ['a', 'b', 'a', 'a', 'c']) change(id);
    expect([frames.length, notified]).toEqual([1, []]);
    frames.shift()?.();
    expect(notified).toEqual(['a', 'b']);

    stop();
    change('b');
    change('a');
    frames.shift()?.();
    expect(notified).toEqual(['a', 'b', 'a']);
    live.close();
  });

  it('follows a drop once for all components, and unfollows it a while after the last one', () => {
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

  it('is connecting at first, and reconnecting after a while or after it was live', () => {
    const slow = createFeed();
    const live = createLive(slow.feed, () => 0);
    expect(live.status()).toBe('connecting');
    vi.advanceTimersByTime(4_000);
    expect(live.status()).toBe('reconnecting');
    live.close();

    const lost = createFeed();
    const other = createLive(lost.feed, () => 0);
    lost.setStatus('live');
    expect(other.status()).toBe('live');
    lost.setStatus('reconnecting');
    expect(other.status()).toBe('reconnecting');
    other.close();
  });
});

describe('a lost network', () => {
  it('replaces the status of the feed, unless the feed is live without network', () => {
    const { feed, setStatus } = createFeed();
    const live = createLive(feed, () => 0);
    setStatus('live');
    let notified = 0;
    live.onStatus(() => (notified += 1));
    live.setOnline(false);
    expect([live.status(), notified]).toEqual(['live', 1]);
    setStatus('reconnecting');
    expect(live.status()).toBe('offline');
    setStatus('stale');
    expect(live.status()).toBe('offline');
    setStatus('refused');
    expect(live.status()).toBe('refused');
    setStatus('reconnecting');
    live.setOnline(true);
    expect(live.status()).toBe('reconnecting');
    live.close();
  });
});

describe('the update rate', () => {
  it('is high from twelve changes per second until they are fewer than six', () => {
    const { feed, change } = createFeed();
    const root: Pick<HTMLElement, 'dataset'> = { dataset: {} };
    const stop = watchUpdateRate(feed, root);
    const second = (changes: number) => {
      for (let n = 0; n < changes; n += 1) change('a');
      vi.advanceTimersByTime(1_000);
      return root.dataset.updateRate;
    };
    expect([11, 12, 6, 5, 11].map(second)).toEqual([undefined, 'high', 'high', undefined, undefined]);
    stop();
  });
});

describe('the ticker', () => {
  it('has one time between two steps, and stops without listeners', () => {
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

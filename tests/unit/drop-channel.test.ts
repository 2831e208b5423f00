import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDropChannel, WINDOW_MS, type DropChannel } from '../../src/realtime/broadcast/drop-channel.js';
import type { PublishedPayloads } from '../../src/realtime/events.js';
import { DROP } from '../helpers/drop.js';

type Snapshot = PublishedPayloads['inventory_update'];

let channel: DropChannel;
let received: { at: number; event: string; payload: unknown }[];

beforeEach(() => {
  vi.useFakeTimers();
  const startedAt = performance.now();
  received = [];
  channel = createDropChannel((event, payload) => {
    received.push({ at: performance.now() - startedAt, event, payload });
  });
});

afterEach(() => {
  vi.useRealTimers();
});

const snapshot = (version: number, status: Snapshot['status'] = 'live'): Snapshot => ({
  dropId: 'drop',
  availableStock: 1_000_000 - version,
  reservedStock: version,
  soldStock: 0,
  totalStock: 1_000_000,
  version,
  status,
});

function details(version: number, members: Partial<PublishedPayloads['drop_update']> = {}) {
  const { dropId: id, ...stock } = snapshot(version);
  return { ...DROP, id, ...stock, ...members };
}

const purchase = (username: string) => ({ dropId: 'drop', username, purchasedAt: '2030-01-01T00:00:00.000Z' });
const events = () => received.map(({ event }) => event);
const versions = () => received.map(({ payload }) => (payload as Snapshot).version);

describe('snapshots', () => {
  it('are sent at once if none was sent within the window', () => {
    channel.publishSnapshot(snapshot(1));
    expect(received).toEqual([{ at: 0, event: 'inventory_update', payload: snapshot(1) }]);
    vi.advanceTimersByTime(WINDOW_MS);
    channel.publishSnapshot(snapshot(2));
    expect(received.map(({ at }) => at)).toEqual([0, WINDOW_MS]);
    vi.advanceTimersByTime(1_000);
    expect(received.length).toBe(2);
  });

  it('are sent at most twenty times per second, and the last one is always sent', () => {
    for (let version = 1; version <= 1_000; version += 1) {
      channel.publishSnapshot(snapshot(version));
      vi.advanceTimersByTime(1);
    }
    expect(received.filter(({ at }) => at < 1_000).length).toBe(20);
    vi.advanceTimersByTime(WINDOW_MS);
    expect(received.at(-1)).toEqual({ at: 1_000, event: 'inventory_update', payload: snapshot(1_000) });
    const gaps = received.slice(1).map(({ at }, index) => at - (received[index]?.at ?? 0));
    expect(Math.min(...gaps)).toBe(WINDOW_MS);
  });

  it('are sent once each, with rising versions', () => {
    for (const version of [5, 4, 5]) channel.publishSnapshot(snapshot(version));
    vi.advanceTimersByTime(WINDOW_MS);
    for (const version of [5, 7, 6]) channel.publishSnapshot(snapshot(version));
    vi.advanceTimersByTime(WINDOW_MS);
    expect(versions()).toEqual([5, 7]);
  });

  it('are sent by a flush before the window ends', () => {
    for (const version of [1, 2, 3]) channel.publishSnapshot(snapshot(version));
    channel.flush();
    expect(versions()).toEqual([1, 3]);
    vi.advanceTimersByTime(1_000);
    expect(versions()).toEqual([1, 3]);
  });

  it('resolve the promise of their version when they are sent', async () => {
    const reached: number[] = [];
    channel.publishSnapshot(snapshot(1));
    channel.publishSnapshot(snapshot(2));
    for (const version of [1, 2, 3]) void channel.whenSent(version).then(() => reached.push(version));
    await vi.advanceTimersByTimeAsync(0);
    expect(reached).toEqual([1]);
    await vi.advanceTimersByTimeAsync(WINDOW_MS);
    expect(reached).toEqual([1, 2]);
  });
});

describe('purchases', () => {
  it('are sent at once if none was sent within the window, after the snapshot', () => {
    channel.publishSnapshot(snapshot(2));
    channel.publishPurchase(purchase('ada'));
    expect(events()).toEqual(['inventory_update', 'purchase_update']);
  });

  it('wait for the snapshot that includes them', () => {
    channel.publishSnapshot(snapshot(2));
    channel.publishSnapshot(snapshot(3));
    channel.publishPurchase(purchase('ada'));
    expect(events()).toEqual(['inventory_update']);
    vi.advanceTimersByTime(WINDOW_MS);
    expect(events()).toEqual(['inventory_update', 'inventory_update', 'purchase_update']);
  });

  it('are limited to the latest three per window', () => {
    for (let buyer = 1; buyer <= 100; buyer += 1) {
      channel.publishSnapshot(snapshot(buyer));
      channel.publishPurchase(purchase(`buyer ${buyer}`));
    }
    vi.advanceTimersByTime(WINDOW_MS);
    const names = received.flatMap(({ payload }) => (payload as { username?: string }).username ?? []);
    expect(names).toEqual(['buyer 1', 'buyer 98', 'buyer 99', 'buyer 100']);
    vi.advanceTimersByTime(10 * WINDOW_MS);
    channel.publishPurchase(purchase('a late buyer'));
    expect(received.at(-1)?.payload).toEqual(purchase('a late buyer'));
  });
});

describe('expiries', () => {
  it('are sent to all followers at most ten times per window', () => {
    const allowed = () => Array.from({ length: 100 }, () => channel.allowsExpiry()).filter(Boolean).length;
    expect(allowed()).toBe(10);
    vi.advanceTimersByTime(WINDOW_MS);
    expect(allowed()).toBe(10);
  });
});

describe('details', () => {
  it('are sent after the snapshot of the same version, without waiting for the window', () => {
    channel.publishSnapshot(snapshot(1));
    channel.publishSnapshot(snapshot(2));
    channel.publishDetails('drop_update', details(3));
    expect(events()).toEqual(['inventory_update', 'inventory_update', 'drop_update']);
    expect(versions()).toEqual([1, 3, 3]);
    vi.advanceTimersByTime(1_000);
    channel.publishSnapshot(snapshot(2));
    channel.publishSnapshot(snapshot(3));
    expect(received.length).toBe(3);
  });

  it('that are older than the last snapshot are sent with the stock of that snapshot', () => {
    channel.publishSnapshot(snapshot(8));
    channel.publishDetails('drop_update', details(7, { name: 'New name' }));
    expect(received.at(-1)).toMatchObject({
      event: 'drop_update',
      payload: { id: 'drop', name: 'New name', version: 8, reservedStock: 8 },
    });
    expect(received.at(-1)?.payload).not.toHaveProperty('dropId');
  });

  it('of a new drop count as its first snapshot', () => {
    channel.publishDetails('new_drop', details(1));
    channel.publishSnapshot(snapshot(1));
    channel.publishDetails('new_drop', details(1));
    vi.advanceTimersByTime(WINDOW_MS);
    expect(events()).toEqual(['new_drop']);
  });

  it('of a new drop do not replace the snapshot if an earlier one was sent', () => {
    channel.publishSnapshot(snapshot(2));
    channel.publishDetails('new_drop', details(3));
    expect(events()).toEqual(['inventory_update', 'inventory_update', 'new_drop']);
    expect(versions()).toEqual([2, 3, 3]);
  });

  it('are not sent twice', () => {
    for (const version of [4, 4, 3]) channel.publishDetails('drop_update', details(version));
    expect(events()).toEqual(['inventory_update', 'drop_update']);
  });

  it('with only a new status are sent without a snapshot', () => {
    channel.publishDetails('drop_update', details(9), true);
    expect(events()).toEqual(['drop_update']);
    // This snapshot is older and arrives late.
    channel.publishSnapshot(snapshot(8));
    vi.advanceTimersByTime(WINDOW_MS);
    expect(versions()).toEqual([9]);
    channel.publishDetails('drop_update', details(9, { status: 'ended' }), true);
    expect(events()).toEqual(['drop_update', 'drop_update']);
  });

  it('of a drop that was a draft are sent as new_drop, alone and once', () => {
    channel.publishDetails('drop_update', details(1, { status: 'draft' }));
    channel.publishDetails('drop_update', details(2, { status: 'draft' }));
    expect([channel.detailsVersion, channel.status]).toEqual([0, 'draft']);
    vi.advanceTimersByTime(WINDOW_MS);
    received = [];
    channel.publishDetails('drop_update', details(3));
    channel.publishDetails('new_drop', details(3));
    expect(events()).toEqual(['new_drop']);
    expect(channel.detailsVersion).toBe(3);
    channel.publishDetails('drop_update', details(4));
    expect(events()).toEqual(['new_drop', 'inventory_update', 'drop_update']);
  });

  it('of one version never return to an earlier status', () => {
    channel.publishDetails('new_drop', details(1, { status: 'scheduled' }));
    channel.publishDetails('drop_update', details(1), true);
    channel.publishDetails('new_drop', details(1, { status: 'scheduled' }));
    channel.publishDetails('drop_update', details(1, { status: 'scheduled' }), true);
    expect(received.map(({ payload }) => (payload as Snapshot).status)).toEqual(['scheduled', 'live']);
    expect(channel.status).toBe('live');
  });

  it('are sent again after a snapshot of a higher version had an earlier status', () => {
    channel.publishDetails('drop_update', details(1, { status: 'ended' }));
    channel.publishSnapshot(snapshot(2, 'live'));
    vi.advanceTimersByTime(WINDOW_MS);
    expect(channel.status).toBe('live');
    channel.publishDetails('drop_update', details(2, { status: 'ended' }), true);
    expect(channel.status).toBe('ended');
    expect(events()).toEqual(['inventory_update', 'drop_update', 'inventory_update', 'drop_update']);
  });
});

it('the channel is idle when nothing was published for a while', () => {
  const startedAt = performance.now();
  channel.publishSnapshot(snapshot(1));
  expect(channel.isIdleSince(startedAt + 1)).toBe(false);
  vi.advanceTimersByTime(1_000);
  expect([channel.isIdleSince(startedAt), channel.isIdleSince(startedAt + 1)]).toEqual([false, true]);
});

describe('the snapshot for a new follower', () => {
  it('is the newer of the last one sent and the one read', () => {
    channel.publishSnapshot(snapshot(3));
    expect(channel.newestSent(snapshot(2))).toEqual(snapshot(3));
    expect(channel.newestSent(snapshot(4))).toEqual(snapshot(4));
  });

  it('has the status that a published start or end set after the read', () => {
    channel.publishDetails('drop_update', details(1, { status: 'live' }), true);
    expect(channel.newestSent(snapshot(1, 'scheduled')).status).toBe('live');
    channel.publishDetails('drop_update', details(1, { status: 'ended' }), true);
    expect(channel.newestSent(snapshot(1, 'live')).status).toBe('ended');
    // This snapshot was read after the status was published.
    expect(channel.newestSent(snapshot(2, 'scheduled')).status).toBe('scheduled');
  });

  it('has the status that was read if it is later than the published one', () => {
    channel.publishDetails('drop_update', details(1, { status: 'scheduled' }), true);
    expect(channel.newestSent(snapshot(1, 'live')).status).toBe('live');
  });
});

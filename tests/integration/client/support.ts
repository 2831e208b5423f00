import { expect, vi } from 'vitest';
import { createDropFeed, type DropFeed, type DropFeedOptions, type FeedEvents } from '../../../src/client/index.js';

/** A feed that keeps what it tells. */
export interface WatchedFeed extends DropFeed {
  readonly statuses: string[];
  /** Versions by drop, in the order in which they were shown. */
  readonly versions: ReadonlyMap<string, readonly number[]>;
  heard<Name extends 'purchase_update' | 'reservation_update' | 'new_drop' | 'drop_update'>(
    name: Name,
  ): Parameters<FeedEvents[Name]>[0][];
}

export interface FeedKeeper {
  open(url: string, options?: DropFeedOptions): WatchedFeed;
  closeAll(): void;
}

/** Opens feeds, and closes all of them after a test. */
export function createFeedKeeper(): FeedKeeper {
  const feeds: DropFeed[] = [];
  return {
    open(url, options) {
      const feed = createDropFeed(url, options);
      feeds.push(feed);
      const statuses: string[] = [];
      const versions = new Map<string, number[]>();
      const events: { name: string; payload: unknown }[] = [];
      feed.on('status', (status, error) => {
        statuses.push(error ? `${status}: ${error.code}` : status);
      });
      feed.on('change', (dropId, picture) => {
        if (picture) versions.set(dropId, [...(versions.get(dropId) ?? []), picture.version]);
      });
      for (const name of ['purchase_update', 'reservation_update', 'new_drop', 'drop_update'] as const) {
        feed.on(name, (payload: unknown) => {
          events.push({ name, payload });
        });
      }
      // Its getters must stay getters.
      return Object.assign(Object.create(feed) as DropFeed, {
        statuses,
        versions,
        heard: <Name extends keyof FeedEvents>(name: Name) =>
          events.filter((event) => event.name === name).map(({ payload }) => payload as never),
      });
    },
    closeAll() {
      for (const feed of feeds.splice(0)) feed.close();
    },
  };
}

/** Resolves when the feed has this status. */
export function becomes(feed: DropFeed, status: DropFeed['status']): Promise<void> {
  return eventually(() => {
    expect(feed.status).toBe(status);
  });
}

/** Resolves when nothing is wrong with it any more. */
export function eventually(expectations: () => void): Promise<void> {
  return vi.waitFor(expectations, { timeout: 90_000, interval: 10 });
}

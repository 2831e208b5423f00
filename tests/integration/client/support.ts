import { expect, vi } from 'vitest';
import { createDropFeed, type DropFeed, type DropFeedOptions, type FeedEvents } from '../../../src/client/index.js';

/** A feed with a record of its notifications. */
export interface WatchedFeed extends DropFeed {
  readonly statuses: string[];
  /** Versions by drop, in the order of their notifications. */
  readonly versions: ReadonlyMap<string, readonly number[]>;
  received<Name extends 'purchase_update' | 'reservation_update' | 'new_drop' | 'drop_update'>(
    name: Name,
  ): Parameters<FeedEvents[Name]>[0][];
}

export interface FeedFactory {
  open(url: string, options?: DropFeedOptions): WatchedFeed;
  closeAll(): void;
}

/** Opens feeds, and closes all of them on request. */
export function createFeedFactory(): FeedFactory {
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
      feed.on('change', (dropId, snapshot) => {
        if (snapshot) versions.set(dropId, [...(versions.get(dropId) ?? []), snapshot.version]);
      });
      for (const name of ['purchase_update', 'reservation_update', 'new_drop', 'drop_update'] as const) {
        feed.on(name, (payload: unknown) => {
          events.push({ name, payload });
        });
      }
      // Inherits the getters, which a copy would evaluate.
      return Object.assign(Object.create(feed) as DropFeed, {
        statuses,
        versions,
        received: <Name extends keyof FeedEvents>(name: Name) =>
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

/** Resolves when the expectations hold. */
export function eventually(expectations: () => void): Promise<void> {
  return vi.waitFor(expectations, { timeout: 90_000, interval: 10 });
}

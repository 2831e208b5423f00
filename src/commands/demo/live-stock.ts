import { createDropFeed, type InventorySnapshot } from '../../client/index.js';

/** What a dashboard knows of one drop: the newest picture, as the live feed tells it. */
export interface LiveStock {
  readonly newest: InventorySnapshot | null;
  /** Resolves true as soon as a picture meets the condition, false when the signal fires first. */
  until(condition: (picture: InventorySnapshot) => boolean, signal: AbortSignal): Promise<boolean>;
  close(): void;
}

/** Connects as anybody may, and follows one drop. @throws what the first connection failed of. */
export async function watchStock(url: string, dropId: string): Promise<LiveStock> {
  const feed = createDropFeed(url, { dropIds: [dropId] });
  await new Promise<void>((resolve, reject) => {
    feed.on('status', (status, error) => {
      if (status === 'live') resolve();
      if (error) reject(new Error(error.message));
    });
  }).catch((error: unknown) => {
    feed.close();
    throw error;
  });
  return {
    get newest() {
      return feed.get(dropId) ?? null;
    },
    until(condition, signal) {
      return new Promise((resolve) => {
        const look = () => {
          const picture = feed.get(dropId);
          const isMet = picture !== undefined && condition(picture);
          if (!isMet && !signal.aborted) return;
          stop();
          signal.removeEventListener('abort', look);
          resolve(isMet);
        };
        const stop = feed.on('change', look);
        signal.addEventListener('abort', look);
        look();
      });
    },
    close() {
      feed.close();
    },
  };
}

import { createDropFeed, type InventorySnapshot } from '../../client/index.js';

/** The newest inventory snapshot of one drop, from the live feed. */
export interface LiveStock {
  readonly newest: InventorySnapshot | null;
  /** Resolves with true when a snapshot meets the condition, with false when the signal aborts first. */
  until(condition: (snapshot: InventorySnapshot) => boolean, signal: AbortSignal): Promise<boolean>;
  close(): void;
}

/** Connects without a token, and follows one drop. @throws the error of the first connection. */
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
        const check = () => {
          const snapshot = feed.get(dropId);
          const isMet = snapshot !== undefined && condition(snapshot);
          if (!isMet && !signal.aborted) return;
          stop();
          signal.removeEventListener('abort', check);
          resolve(isMet);
        };
        const stop = feed.on('change', check);
        signal.addEventListener('abort', check);
        check();
      });
    },
    close() {
      feed.close();
    },
  };
}

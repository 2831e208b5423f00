import { useEffect } from 'react';
import { useServices } from '../services/services.js';
import { organiserKeys } from './organiser-queries.js';

/** A burst of changes causes one fetch. Longer than the server caches an answer. */
const DELAY_MS = 300;
/** The shortest time between two fetches while the drop keeps changing. */
const PERIOD_MS = 2_000;

/** Fetches the answers about a drop again when its stock has changed, at a limited rate, and after a lost connection. */
export function useRefresh(dropId: string): void {
  const { feed, live, queries } = useServices();
  useEffect(() => {
    const filter = { queryKey: organiserKeys.drop(dropId) };
    let timer: ReturnType<typeof setTimeout> | undefined;
    let refreshedAt = -Infinity;

    function refresh(): void {
      const delay = Math.max(DELAY_MS, refreshedAt + PERIOD_MS - performance.now());
      timer ??= setTimeout(() => {
        timer = undefined;
        refreshedAt = performance.now();
        // A pending fetch may have started before the change. Cancelling it each time could delay a slow one forever.
        if (queries.isFetching({ ...filter, type: 'active' }) > 0) refresh();
        else void queries.invalidateQueries(filter);
      }, delay);
    }

    const stops = [
      live.onSnapshot(dropId, refresh),
      feed.on('status', (status) => {
        if (status === 'live') refresh();
      }),
    ];
    return () => {
      clearTimeout(timer);
      for (const stop of stops) stop();
    };
  }, [feed, live, queries, dropId]);
}

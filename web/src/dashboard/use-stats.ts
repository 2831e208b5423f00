import { useEffect, useState } from 'react';
import type { FeedEvents } from '../../../src/client/index.js';
import { useServices } from '../services/services.js';

export type Stats = Parameters<FeedEvents['stats']>[0];

/** Five minutes. */
const MOST = 300;

/** What the server has told of itself since the page was opened, the newest last; empty as long as it tells nothing. */
export function useStats(): readonly Stats[] {
  const { feed } = useServices();
  const [all, setAll] = useState<readonly Stats[]>([]);
  useEffect(
    () =>
      feed.on('stats', (stats) => {
        setAll((before) => [...before, stats].slice(-MOST));
      }),
    [feed],
  );
  return all;
}

/** How many a second, of something counted. */
export function perSecond(stats: Stats, count: number): number {
  return count / (stats.period / 1_000);
}

/** How many were refused, for whatever reason. */
export function refused({ refusals }: Stats): number {
  return Object.values(refusals).reduce((sum, count) => sum + count, 0);
}

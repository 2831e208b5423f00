import { useEffect, useState } from 'react';
import type { FeedEvents } from '../../../src/client/index.js';
import { useServices } from '../services/services.js';

export type Stats = Parameters<FeedEvents['stats']>[0];

/** Five minutes of one per second. */
const MAX_STATS = 300;

/** The stats received since the page was opened, the newest last. */
export function useStats(): readonly Stats[] {
  const { feed } = useServices();
  const [all, setAll] = useState<readonly Stats[]>([]);
  useEffect(
    () =>
      feed.on('stats', (stats) => {
        setAll((before) => [...before, stats].slice(-MAX_STATS));
      }),
    [feed],
  );
  return all;
}

/** The rate per second of a counter. */
export function perSecond(stats: Stats, count: number): number {
  return count / (stats.period / 1_000);
}

/** The number of refusals of all kinds. */
export function refused({ refusals }: Stats): number {
  return Object.values(refusals).reduce((sum, count) => sum + count, 0);
}

import { queryOptions } from '@tanstack/react-query';
import { bodyOf, type Api } from '../api/client.js';
import type { StockPoint } from './stock-history.js';

/** Time ranges of the stock charts; Infinity: the whole ledger. */
export const SPANS = [
  { key: 'minutes', ms: 5 * 60_000 },
  { key: 'hour', ms: 60 * 60_000 },
  { key: 'day', ms: 24 * 60 * 60_000 },
  { key: 'all', ms: Infinity },
] as const;

export type Span = (typeof SPANS)[number];

/** About as many as a chart has pixels. */
const MAX_POINTS = 300;

/** The key of the movements of all drops. */
export const ALL_MOVEMENTS = ['movements'] as const;

/** The stock of a drop over time, from the ledger. Later changes come from the feed. */
export function movementsQuery(api: Api, id: string, span: Span, serverNow: () => number) {
  return queryOptions({
    queryKey: [...ALL_MOVEMENTS, id, span.key],
    staleTime: Infinity,
    async queryFn({ signal }): Promise<StockPoint[]> {
      const since = Number.isFinite(span.ms) ? { since: new Date(serverNow() - span.ms).toISOString() } : {};
      const query = { limit: MAX_POINTS, ...since };
      const answer = await api.GET('/api/drops/{id}/movements', { params: { path: { id }, query }, signal });
      return bodyOf(answer).data.map(({ createdAt, ...stock }) => ({ ...stock, at: Date.parse(createdAt) }));
    },
  });
}

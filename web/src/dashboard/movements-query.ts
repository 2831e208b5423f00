import { queryOptions } from '@tanstack/react-query';
import { answerOf, type Api } from '../api/client.js';
import type { Span } from './spans.js';
import type { StockPoint } from './stock-history.js';

/** As many as a chart has pixels, more or less. */
const POINTS = 300;

/** Of every drop: for when changes were missed. */
export const ALL_MOVEMENTS = ['movements'] as const;

/** How the stock of a drop went, from the ledger. What happens from then on, the feed tells. */
export function movementsQuery(api: Api, id: string, span: Span, serverNow: () => number) {
  return queryOptions({
    queryKey: [...ALL_MOVEMENTS, id, span.name],
    staleTime: Infinity,
    async queryFn({ signal }): Promise<StockPoint[]> {
      const since = Number.isFinite(span.ms) ? { since: new Date(serverNow() - span.ms).toISOString() } : {};
      const query = { limit: POINTS, ...since };
      const answer = await api.GET('/api/drops/{id}/movements', { params: { path: { id }, query }, signal });
      return answerOf(answer).data.map(({ createdAt, ...stock }) => ({ ...stock, at: Date.parse(createdAt) }));
    },
  });
}

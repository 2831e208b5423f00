import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { bodyOf, type Api, type PageMeta } from '../api/client.js';
import type { components } from '../api/contract.js';
import type { Selection } from './selection.js';

export type HeldReservation = components['schemas']['ReservationWithUser'];
export type DropStats = components['schemas']['DropStats'];

const PAGE_SIZE = 20;
/** Refused reservations change no stock, so that no event announces them. */
const STATS_REFRESH_MS = 5_000;

/** The keys of answers about one drop for its organiser. */
export const organiserKeys = {
  drop: (dropId: string) => ['organiser', dropId] as const,
  list: (dropId: string, selection: Selection) => ['organiser', dropId, selection] as const,
  stats: (dropId: string) => ['organiser', dropId, 'stats'] as const,
};

/** A page of the ledger, the newest change first. @param version The newest of the drop, when the page is fetched. */
export function ledgerQuery(api: Api, dropId: string, page: number, version: () => number) {
  return queryOptions({
    queryKey: organiserKeys.list(dropId, { list: 'history', page }),
    async queryFn({ signal }) {
      const newest = version() - (page - 1) * PAGE_SIZE;
      const query = { after: Math.max(0, newest - PAGE_SIZE), limit: PAGE_SIZE };
      const path = { id: dropId };
      const { data } = bodyOf(await api.GET('/api/admin/drops/{id}/ledger', { params: { path, query }, signal }));
      const rows = data.filter((entry) => entry.version <= newest).reverse();
      const totalItems = version();
      const meta: PageMeta = {
        totalItems,
        totalPages: Math.ceil(totalItems / PAGE_SIZE),
        currentPage: page,
        pageSize: PAGE_SIZE,
      };
      return { rows, meta };
    },
    placeholderData: keepPreviousData,
  });
}

/** A page of the reservations of a drop, the newest first. */
export function holdersQuery(api: Api, dropId: string, selection: Selection) {
  return queryOptions({
    queryKey: organiserKeys.list(dropId, selection),
    async queryFn({ signal }) {
      const { list: _list, ...chosen } = selection;
      const params = { path: { id: dropId }, query: { ...chosen, pageSize: PAGE_SIZE } };
      const { data: rows, meta } = bodyOf(await api.GET('/api/admin/drops/{id}/reservations', { params, signal }));
      return { rows, meta };
    },
    placeholderData: keepPreviousData,
  });
}

/** A page of the purchases of a drop, the newest first. */
export function buyersQuery(api: Api, dropId: string, { q, page }: Selection) {
  const chosen = { ...(q && { q }), ...(page !== undefined && { page }) };
  return queryOptions({
    queryKey: organiserKeys.list(dropId, { list: 'buyers', ...chosen }),
    async queryFn({ signal }) {
      const params = { path: { id: dropId }, query: { ...chosen, pageSize: PAGE_SIZE } };
      const { data: rows, meta } = bodyOf(await api.GET('/api/admin/drops/{id}/purchases', { params, signal }));
      return { rows, meta };
    },
    placeholderData: keepPreviousData,
  });
}

export function statsQuery(api: Api, dropId: string) {
  return queryOptions({
    queryKey: organiserKeys.stats(dropId),
    queryFn: async ({ signal }) =>
      bodyOf(await api.GET('/api/admin/drops/{id}/stats', { params: { path: { id: dropId } }, signal })).data,
    refetchInterval: STATS_REFRESH_MS,
  });
}

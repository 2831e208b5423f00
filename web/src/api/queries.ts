import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { bodyOf, type Api, type Purchase } from './client.js';
import type { operations } from './contract.js';

/** The query parameters of the list of drops. */
export type DropsQuery = NonNullable<operations['listDrops']['parameters']['query']>;

/** The query parameters of the list of drops for admins. */
export type EveryDropQuery = NonNullable<operations['listAllDrops']['parameters']['query']>;

/**
 * How often lists and drops are fetched again, in addition to the events of the feed. No event that the page follows covers
 * deleted drops, and drops that are not shown and start to match a filter. A list without a filter changes by deletions
 * alone. The period is random, so that thousands of pages do not fetch at the same moment.
 */
const FILTERED_LIST_REFRESH_MS = 2_500 + Math.random() * 1_500;
const LIST_REFRESH_MS = 4 * FILTERED_LIST_REFRESH_MS;
export const DROP_REFRESH_MS = 2 * LIST_REFRESH_MS;

/** The keys of cached answers. Each identity has its own cache: see services.ts. */
export const keys = {
  allDrops: ['drops'] as const,
  drops: (query: DropsQuery) => ['drops', query] as const,
  everyDrop: (query: EveryDropQuery) => ['drops', 'all', query] as const,
  drop: (id: string) => ['drop', id] as const,
  profile: (userId: string) => ['user', userId, 'profile'] as const,
  reservations: (userId: string) => ['user', userId, 'reservations'] as const,
  purchases: (userId: string) => ['user', userId, 'purchases'] as const,
  /** These two are within the key of the purchases. */
  owned: (userId: string) => ['user', userId, 'purchases', 'owned'] as const,
  ownedOf: (userId: string, dropId: string) => ['user', userId, 'purchases', 'of', dropId] as const,
  purchasePage: (userId: string, page: number) => ['user', userId, 'purchases', page] as const,
};

function refreshMs({ status, q }: Pick<EveryDropQuery, 'status' | 'q'>): number {
  return (status ?? q) ? FILTERED_LIST_REFRESH_MS : LIST_REFRESH_MS;
}

export function dropsQuery(api: Api, query: DropsQuery) {
  return queryOptions({
    queryKey: keys.drops(query),
    async queryFn({ signal }) {
      const { data, meta } = bodyOf(await api.GET('/api/drops', { params: { query }, signal }));
      return { drops: data, meta };
    },
    refetchInterval: refreshMs(query),
    placeholderData: keepPreviousData,
  });
}

/** All drops, drafts as well: for admins. */
export function everyDropQuery(api: Api, query: EveryDropQuery) {
  return queryOptions({
    queryKey: keys.everyDrop(query),
    async queryFn({ signal }) {
      const { data, meta } = bodyOf(await api.GET('/api/admin/drops', { params: { query }, signal }));
      return { drops: data, meta };
    },
    refetchInterval: refreshMs(query),
    placeholderData: keepPreviousData,
  });
}

export function dropQuery(api: Api, id: string) {
  return queryOptions({
    queryKey: keys.drop(id),
    queryFn: async ({ signal }) => bodyOf(await api.GET('/api/drops/{id}', { params: { path: { id } }, signal })).data,
  });
}

export function profileQuery(api: Api, userId: string) {
  return queryOptions({
    queryKey: keys.profile(userId),
    queryFn: async ({ signal }) => bodyOf(await api.GET('/api/users/me', { signal })).data,
  });
}

export function reservationsQuery(api: Api, userId: string) {
  return queryOptions({
    queryKey: keys.reservations(userId),
    queryFn: async ({ signal }) => bodyOf(await api.GET('/api/reservations', { signal })).data,
  });
}

const PURCHASES_PER_PAGE = 24;

export function purchasesQuery(api: Api, userId: string, page: number) {
  return queryOptions({
    queryKey: keys.purchasePage(userId, page),
    async queryFn({ signal }) {
      const query = { page, pageSize: PURCHASES_PER_PAGE };
      const { data, meta } = bodyOf(await api.GET('/api/purchases/mine', { params: { query }, signal }));
      return { purchases: data, meta };
    },
    placeholderData: keepPreviousData,
  });
}

/** One page of the largest size. Few users have bought more. */
const MAX_OWNED = 100;
/** They change by what this user buys, after which they are fetched again. */
const OWNED_STALE_MS = 60_000;

/** The latest purchases of a user, and whether there are others. */
export interface Owned {
  readonly purchases: readonly Pick<Purchase, 'id' | 'dropId'>[];
  readonly isAll: boolean;
}

/** What the user has bought, to know how many units of a drop they own. */
export function ownedQuery(api: Api, userId: string) {
  return queryOptions({
    queryKey: keys.owned(userId),
    async queryFn({ signal }): Promise<Owned> {
      const query = { pageSize: MAX_OWNED };
      const { data, meta } = bodyOf(await api.GET('/api/purchases/mine', { params: { query }, signal }));
      return { purchases: data, isAll: meta.totalPages <= 1 };
    },
    staleTime: OWNED_STALE_MS,
  });
}

/** How many units of one drop the user has bought. */
export function ownedOfDropQuery(api: Api, userId: string, dropId: string) {
  return queryOptions({
    queryKey: keys.ownedOf(userId, dropId),
    async queryFn({ signal }) {
      const query = { dropId, pageSize: 1 };
      return bodyOf(await api.GET('/api/purchases/mine', { params: { query }, signal })).meta.totalItems;
    },
    staleTime: OWNED_STALE_MS,
  });
}

import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { answerOf, type Api } from './client.js';
import type { operations } from './contract.js';

/** What the list of drops may be asked for. */
export type DropsQuery = NonNullable<operations['listDrops']['parameters']['query']>;

/** The keys that answers are kept under. What belongs to a user is kept under their id, so that nobody sees another's. */
export const keys = {
  allDrops: ['drops'] as const,
  drops: (query: DropsQuery) => ['drops', query] as const,
  drop: (id: string) => ['drop', id] as const,
  reservations: (userId: string) => ['user', userId, 'reservations'] as const,
  purchases: (userId: string) => ['user', userId, 'purchases'] as const,
  purchasePage: (userId: string, page: number) => ['user', userId, 'purchases', page] as const,
};

export function dropsQuery(api: Api, query: DropsQuery) {
  return queryOptions({
    queryKey: keys.drops(query),
    async queryFn({ signal }) {
      const { data, meta } = answerOf(await api.GET('/api/drops', { params: { query }, signal }));
      return { drops: data, meta };
    },
    placeholderData: keepPreviousData,
  });
}

export function dropQuery(api: Api, id: string) {
  return queryOptions({
    queryKey: keys.drop(id),
    queryFn: async ({ signal }) =>
      answerOf(await api.GET('/api/drops/{id}', { params: { path: { id } }, signal })).data,
  });
}

export function reservationsQuery(api: Api, userId: string) {
  return queryOptions({
    queryKey: keys.reservations(userId),
    queryFn: async ({ signal }) => answerOf(await api.GET('/api/reservations', { signal })).data,
  });
}

const PURCHASES_PER_PAGE = 24;

export function purchasesQuery(api: Api, userId: string, page: number) {
  return queryOptions({
    queryKey: keys.purchasePage(userId, page),
    async queryFn({ signal }) {
      const query = { page, pageSize: PURCHASES_PER_PAGE };
      const { data, meta } = answerOf(await api.GET('/api/purchases/mine', { params: { query }, signal }));
      return { purchases: data, meta };
    },
    placeholderData: keepPreviousData,
  });
}

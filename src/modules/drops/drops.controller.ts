import { pageMeta } from '../../lib/http/fields.js';
import type { CreateDropBody, ListDropsQuery, MovementsQuery } from './drops.schema.js';
import type { DropsService } from './drops.service.js';

export function createDropsController(drops: DropsService) {
  return {
    async list({ query }: { query: ListDropsQuery }) {
      const { drops: data, totalItems } = await drops.list(query);
      return { message: 'Drops', data, meta: pageMeta(totalItems, query) };
    },

    async get({ params }: { params: { id: string } }) {
      return { message: 'Drop', data: await drops.get(params.id) };
    },

    async movements({ params, query }: { params: { id: string }; query: MovementsQuery }) {
      const { movements: data, totalItems } = await drops.movements(params.id, query);
      return { message: 'Movements', data, meta: { totalItems } };
    },

    async create({ body }: { body: CreateDropBody }) {
      return { message: 'Drop created', data: await drops.create(body) };
    },
  };
}

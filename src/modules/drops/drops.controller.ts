import type { AuthenticatedUser } from '../../lib/auth/authenticate.js';
import { pageMeta } from '../../lib/validation/schema-primitives.js';
import { replayHeaders, type IdempotencyHeaders } from '../../lib/http/idempotency.js';
import type { CreateDropBody, ListAllDropsQuery, ListDropsQuery } from './drops.schema.js';
import type { DropsService, ReadOptions } from './drops.service.js';
import type { MovementsQuery } from './movements.schema.js';

interface CreateInput {
  readonly user: AuthenticatedUser;
  readonly body: CreateDropBody;
  readonly headers: IdempotencyHeaders;
}

export function createDropsController(drops: DropsService) {
  return {
    async list({ query }: { query: ListDropsQuery }) {
      const { drops: data, totalItems } = await drops.list(query);
      return { message: 'Drops', data, meta: pageMeta(totalItems, query) };
    },

    async listAll({ query }: { query: ListAllDropsQuery }) {
      const { drops: data, totalItems } = await drops.listAll(query);
      return { message: 'Drops', data, meta: pageMeta(totalItems, query) };
    },

    get:
      (options?: ReadOptions) =>
      async ({ params }: { params: { id: string } }) => ({
        message: 'Drop',
        data: await drops.getJson(params.id, options),
      }),

    movements:
      (options?: ReadOptions) =>
      async ({ params, query }: { params: { id: string }; query: MovementsQuery }) => {
        const { movements: data, totalItems } = await drops.movements(params.id, query, options);
        return { message: 'Movements', data, meta: { totalItems } };
      },

    async create({ user, body, headers }: CreateInput) {
      const idempotencyKey = headers['idempotency-key'] ?? null;
      const { drop, replayed } = await drops.create({ body, createdBy: user.id, idempotencyKey });
      return { message: 'Drop created', data: drop, headers: replayHeaders(replayed) };
    },
  };
}

import { defineRoute } from '../../lib/http/define-route.js';
import type { HttpResponse } from '../../lib/http/send.js';
import type { TtlCache } from '../../lib/ttl-cache.js';
import { DropParams } from '../drops/drops.schema.js';
import { problems } from '../problems.js';
import { createDropStatsController } from './drop-stats.controller.js';
import { DropStats } from './drop-stats.schema.js';
import type { DropStatsService } from './drop-stats.service.js';

export interface DropStatsCache {
  /** Serialized responses, valid for their time. */
  readonly dropStats: TtlCache<HttpResponse>;
}

export function dropStatsRoutes(service: DropStatsService, { dropStats }: DropStatsCache) {
  const stats = createDropStatsController(service);

  return [
    defineRoute({
      method: 'get',
      path: '/api/admin/drops/:id/stats',
      operationId: 'getDropStats',
      tag: 'Drops',
      summary: 'Show how a drop has sold',
      description:
        'From the database, and so the same after a restart. At most a second old; each server adds its refusals once a second, so ' +
        'that they are up to two seconds old. A server that is killed loses the refusals of its last second.',
      access: 'admin',
      owner: 'none',
      cache: dropStats,
      params: DropParams,
      success: { status: 200, description: 'The stats of the drop.', data: DropStats },
      problems: problems('drop-not-found'),
      handler: stats.get,
    }),
  ];
}

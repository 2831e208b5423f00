import type { DropStatsService } from './drop-stats.service.js';

export function createDropStatsController(stats: DropStatsService) {
  return {
    async get({ params }: { readonly params: { readonly id: string } }) {
      return { message: 'Drop stats', data: await stats.get(params.id) };
    },
  };
}

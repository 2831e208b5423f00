import type { HealthService } from './health.service.js';

const OK = { data: { status: 'ok' as const } };

export function createHealthController(health: HealthService) {
  return {
    alive: () => OK,

    async ready() {
      await health.assertReady();
      return OK;
    },
  };
}

import { createInventoryMetrics } from './inventory/inventory.metrics.js';
import { createMetrics } from './lib/metrics.js';
import { createRealtimeMetrics } from './realtime/realtime.metrics.js';

export type ServiceMetrics = ReturnType<typeof createServiceMetrics>;

/** Makes all metrics of the process, in one registry. docs/operations.md explains each. */
export function createServiceMetrics() {
  const metrics = createMetrics();
  return {
    ...metrics,
    ...createInventoryMetrics(metrics.registry),
    ...createRealtimeMetrics(metrics.registry),
  };
}

import { createInventoryMetrics } from './inventory/inventory.metrics.js';
import { createMetrics } from './lib/metrics.js';
import { createRealtimeMetrics } from './realtime/realtime.metrics.js';

export type ServiceMetrics = ReturnType<typeof createServiceMetrics>;

/** Makes all metrics of the process, in one registry. docs/operations.md explains each. */
export function createServiceMetrics(options?: Parameters<typeof createMetrics>[0]) {
  const metrics = createMetrics(options);
  return {
    ...metrics,
    ...createInventoryMetrics(metrics.registry),
    ...createRealtimeMetrics(metrics.registry),
  };
}

import { openContext } from '../../src/service.js';
import { createLogger } from '../../src/lib/logger.js';
import { productionConfig } from '../processes/service-settings.js';
import type { Reserver } from './reserver.js';

/** The service's own, from the service's own parts. The one place that knows what those are. */
export async function openOurReserver(databaseUrl: string): Promise<Reserver> {
  const config = productionConfig(databaseUrl);
  const context = await openContext(config, { logger: createLogger(config) });
  const { reservations } = context.services;
  return {
    reserve: (request) => reservations.reserve({ ...request, idempotencyKey: undefined }),
    close: context.close,
  };
}

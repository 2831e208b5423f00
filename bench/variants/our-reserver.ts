import { createContext } from '../../src/context.js';
import { createLogger } from '../../src/lib/logger.js';
import { createReservationsService } from '../../src/modules/reservations/reservations.service.js';
import { productionConfig } from '../processes/service-settings.js';
import type { Reserver } from './reserver.js';

/** The service's own, from the service's own parts. The one place that knows what those are. */
export async function openOurReserver(databaseUrl: string): Promise<Reserver> {
  const config = productionConfig(databaseUrl);
  const context = await createContext(config, { logger: createLogger(config) });
  const service = createReservationsService({ ...context, ttlSeconds: config.reservationTtlSeconds });
  return {
    reserve: (request) => service.reserve({ ...request, idempotencyKey: undefined }),
    close: context.close,
  };
}

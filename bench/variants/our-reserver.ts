import type { Context } from '../../src/context.js';
import { createReservationsService } from '../../src/modules/reservations/reservations.service.js';
import type { Reserver } from './reserver.js';

/** The service's own, from the service's own parts. The one place that knows what those are. */
export function createOurReserver(context: Context): Reserver {
  const service = createReservationsService({ ...context, ttlSeconds: context.config.reservationTtlSeconds });
  return { reserve: (request) => service.reserve({ ...request, idempotencyKey: undefined }) };
}

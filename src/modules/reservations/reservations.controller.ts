import type { AuthenticatedUser, TokenSubject } from '../../lib/auth/authenticate.js';
import type { CancellationSignal } from '../../lib/batcher.js';
import { replayHeaders, type IdempotencyHeaders } from '../../lib/http/idempotency.js';
import type { InventoryMetrics } from '../../inventory/inventory.metrics.js';
import { createOutcomeCounter } from '../../lib/outcome-counter.js';
import type { CreateReservationBody, ReleaseByAdminBody } from './reservations.schema.js';
import type { ReservationsService } from './reservations.service.js';

interface ByUser {
  readonly user: AuthenticatedUser;
}

interface CreateInput {
  readonly user: TokenSubject;
  readonly body: CreateReservationBody;
  readonly headers: IdempotencyHeaders;
  readonly signal: CancellationSignal;
}

export function createReservationsController(reservations: ReservationsService, metrics: InventoryMetrics) {
  const countReservation = createOutcomeCounter(metrics.reservations, 'granted');
  const countRelease = createOutcomeCounter(metrics.releases, 'released');
  return {
    async create({ user, body, headers, signal }: CreateInput) {
      const { replayed, ...data } = await countReservation(
        reservations.reserve({ user, dropId: body.dropId, idempotencyKey: headers['idempotency-key'], signal }),
      );
      return { message: 'Unit reserved', data, headers: replayHeaders(replayed) };
    },

    async list({ user }: ByUser) {
      return { message: 'Your active reservations', data: await reservations.listActive(user.id) };
    },

    async release({ user, params }: ByUser & { params: { id: string } }) {
      return { message: 'Reservation released', data: await countRelease(reservations.release(user.id, params.id)) };
    },

    async releaseByAdmin({ user, params, body }: ByUser & { params: { id: string }; body: ReleaseByAdminBody }) {
      const data = await countRelease(
        reservations.releaseByAdmin(params.id, { actorId: user.id, reason: body.reason }),
      );
      return { message: 'Reservation released', data };
    },
  };
}

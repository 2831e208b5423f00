import type { PurchaseJson, PurchaseRequest, PurchaseState } from '../../inventory/queries/purchase.queries.js';
import {
  ReservationExpiredError,
  ReservationNotFoundError,
  ReservationSettledError,
} from '../../inventory/inventory-errors.js';
import { type AppError, IdempotencyKeyReusedError, OutcomeUnknownError } from '../../lib/errors/index.js';

/** What happens to a request: its purchase is written, a purchase that exists already is its answer, or it is refused. */
type Decision =
  | { readonly kind: 'write' }
  | { readonly kind: 'found'; readonly purchase: PurchaseJson; readonly replayed: boolean }
  | { readonly kind: 'refused'; readonly error: AppError };

const refused = (error: AppError): Decision => ({ kind: 'refused', error });

/**
 * Decides about purchases, each by the contract's list of refusals in its order.
 *
 * @param mayHaveCommitted an earlier run may have committed: a missing reservation leaves the outcome unknown.
 */
export function decidePurchases(
  { records }: Pick<PurchaseState, 'records'>,
  requests: readonly Pick<PurchaseRequest, 'reservationId'>[],
  mayHaveCommitted: boolean,
): Decision[] {
  return requests.map(({ reservationId }): Decision => {
    const known = records.get(reservationId);
    if (!known) return refused(mayHaveCommitted ? new OutcomeUnknownError() : new ReservationNotFoundError());
    const { created, keyed, reservation } = known;
    if (created) return { kind: 'found', purchase: created, replayed: false };
    if (keyed) {
      return keyed.reservationId === reservationId
        ? { kind: 'found', purchase: keyed, replayed: true }
        : refused(new IdempotencyKeyReusedError());
    }
    switch (reservation.status) {
      case 'active':
        return { kind: 'write' };
      case 'expired':
        return refused(new ReservationExpiredError());
      case 'completed':
      case 'released':
        return refused(new ReservationSettledError(reservation.status));
    }
  });
}

import type { DropRow } from '../../inventory/drop-row.js';
import type { ReleaseRequest, ReleaseState } from '../../inventory/queries/release.queries.js';
import type { ReserveRecords, ReserveRequest, ReserveState } from '../../inventory/queries/reserve.queries.js';
import type { ReservationJson } from '../../inventory/reservation-row.js';
import {
  AlreadyReservedError,
  CoolDownError,
  DropEndedError,
  DropNotFoundError,
  DropNotStartedError,
  DropPausedError,
  LimitReachedError,
  ReservationExpiredError,
  ReservationNotFoundError,
  ReservationSettledError,
  SoldOutError,
} from '../../inventory/inventory-errors.js';
import {
  type AppError,
  IdempotencyKeyReusedError,
  OutcomeUnknownError,
  TokenEndedError,
} from '../../lib/errors/index.js';
import { toIso } from '../../lib/time.js';
import { toReservationResponse } from './reservations.schema.js';

/** What happens to a request: its row is written, a row that exists already is its answer, or it is refused. */
export type Decision =
  | { readonly kind: 'write' }
  | { readonly kind: 'found'; readonly reservation: ReservationJson; readonly replayed: boolean }
  | { readonly kind: 'refused'; readonly error: AppError };

const WRITE: Decision = { kind: 'write' };
const NO_RECORDS: ReserveRecords = {
  tokenRefusal: null,
  created: null,
  keyed: null,
  held: null,
  bought: 0,
  unpaid: null,
};

const found = (reservation: ReservationJson, replayed: boolean): Decision => ({ kind: 'found', reservation, replayed });
const refused = (error: AppError): Decision => ({ kind: 'refused', error });

/** A user whose last `after` unpaid holds of a drop ended within `seconds` cannot reserve it. With `after` 0 there is no such rule. */
export interface CoolDown {
  readonly after: number;
  readonly seconds: number;
}

/**
 * Decides about reservations in order of arrival, each by the contract's list of refusals in its order. Grants a unit to as
 * many requests as there are units available.
 */
export function decideReservations(
  state: ReserveState,
  requests: readonly Pick<ReserveRequest, 'id'>[],
  coolDown: CoolDown,
): Decision[] {
  const { drop, records } = state;
  const closed = refusalOfDrop(drop);
  let unitsLeft = drop.availableStock;

  return requests.map((_request, index) => {
    const { tokenRefusal, created, keyed, held, bought, unpaid } = records.get(index) ?? NO_RECORDS;
    if (tokenRefusal) return refused(new TokenEndedError(tokenRefusal));
    if (created) return found(created, false);
    if (keyed) return keyed.dropId === drop.id ? found(keyed, true) : refused(new IdempotencyKeyReusedError());
    if (closed) return refused(closed);
    if (held?.status === 'active') return refused(new AlreadyReservedError(toReservationResponse(held)));
    if (drop.limitPerUser !== null && bought >= drop.limitPerUser) {
      return refused(new LimitReachedError(drop.limitPerUser));
    }
    const retryAt = endOfCoolDown({ held, unpaid }, coolDown);
    if (retryAt && retryAt > drop.readAt) return refused(new CoolDownError(retryAt, drop.readAt));
    if (unitsLeft === 0) return refused(new SoldOutError(isAnyHeld(drop) ? 'all_held' : 'sold_out'));
    unitsLeft -= 1;
    return WRITE;
  });
}

/** Whether a unit is held when no unit is left: by a hold that was loaded, or by one that this batch was granted. */
function isAnyHeld({ availableStock, reservedStock }: Pick<DropRow, 'availableStock' | 'reservedStock'>): boolean {
  return reservedStock > 0 || availableStock > 0;
}

/** When the user can reserve the drop again, which may be over; null if the user has fewer unpaid holds than that takes. */
function endOfCoolDown({ held, unpaid }: Pick<ReserveRecords, 'held' | 'unpaid'>, { after, seconds }: CoolDown) {
  if (after === 0) return null;
  // A hold that is not active any more was reclaimed by the statement that loaded it.
  const ends = [...(held && held.status !== 'active' ? [held.updatedAt] : []), ...(unpaid ?? [])];
  const first = ends[after - 1];
  return first === undefined ? null : new Date(Date.parse(first) + seconds * 1000);
}

/** The refusal of every new reservation that follows from the drop's status, or null. */
export function refusalOfDrop({ status, dropStartsAt }: Pick<DropRow, 'status' | 'dropStartsAt'>): AppError | null {
  switch (status) {
    case 'draft':
      return new DropNotFoundError();
    case 'cancelled':
    case 'ended':
      return new DropEndedError(status);
    case 'paused':
      return new DropPausedError();
    case 'scheduled':
      return new DropNotStartedError(toIso(dropStartsAt));
    // What the user already has is decided first, and the count of units available last.
    case 'sold_out':
    case 'live':
      return null;
  }
}

/**
 * Decides about releases. A reservation that was released before is the answer to its request again.
 *
 * @param mayHaveCommitted an earlier run may have committed: a missing reservation leaves the outcome unknown.
 */
export function decideReleases(
  { reservations }: Pick<ReleaseState, 'reservations'>,
  requests: readonly ReleaseRequest[],
  mayHaveCommitted: boolean,
): Decision[] {
  return requests.map(({ reservationId }) => {
    const reservation = reservations.get(reservationId);
    if (!reservation) return refused(mayHaveCommitted ? new OutcomeUnknownError() : new ReservationNotFoundError());
    switch (reservation.status) {
      case 'active':
        return WRITE;
      case 'released':
        return found(reservation, false);
      case 'completed':
        return refused(new ReservationSettledError('completed'));
      case 'expired':
        return refused(new ReservationExpiredError());
    }
  });
}

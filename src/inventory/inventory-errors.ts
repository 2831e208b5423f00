import { AppError, fixedProblem } from '../lib/errors/index.js';

export class DropNotFoundError extends fixedProblem('drop-not-found', 'Drop not found') {}

export class DropEndedError extends AppError {
  constructor(status: 'ended' | 'cancelled') {
    super('drop-ended', status === 'cancelled' ? 'This drop was cancelled' : 'This drop has ended');
  }
}

export class DropPausedError extends fixedProblem('drop-paused', 'This drop is paused') {}

export class DropNotStartedError extends AppError {
  /** @param startsAt ISO 8601, UTC. */
  constructor(startsAt: string) {
    super('drop-not-started', 'This drop has not started yet', { members: { startsAt } });
  }
}

export class AlreadyReservedError extends AppError {
  /** @param reservation the user's reservation, as the API returns it. */
  constructor(reservation: object) {
    super('already-reserved', 'You already hold a unit of this drop', { members: { reservation } });
  }
}

export class LimitReachedError extends AppError {
  constructor(limitPerUser: number) {
    super('limit-reached', `At most ${limitPerUser} of this drop for each user`, { members: { limitPerUser } });
  }
}

export class SoldOutError extends fixedProblem('sold-out', 'Out of stock') {}
export class ReservationNotFoundError extends fixedProblem('reservation-not-found', 'Reservation not found') {}
export class NotYourReservationError extends fixedProblem(
  'not-your-reservation',
  'This reservation belongs to another user',
) {}
export class ReservationExpiredError extends fixedProblem('reservation-expired', 'This reservation has expired') {}

export class ReservationSettledError extends AppError {
  constructor(status: 'completed' | 'released') {
    super(
      'reservation-settled',
      status === 'completed' ? 'This reservation was already purchased' : 'This reservation was released',
    );
  }
}

import { AppError, defineProblems, fixedProblem } from '../lib/errors/index.js';
import { toIso } from '../lib/time.js';
import type { DropStatus } from './inventory.schema.js';
import type { Availability } from './inventory-snapshot.js';

/** The problems of drops, reservations and purchases. */
export const STOCK_PROBLEMS = defineProblems({
  'not-your-reservation': {
    status: 403,
    title: 'Not your reservation',
    meaning: 'The reservation belongs to another user.',
  },
  'drop-not-found': { status: 404, title: 'Drop not found', meaning: 'No drop has this id.' },
  'reservation-not-found': { status: 404, title: 'Reservation not found', meaning: 'No reservation has this id.' },
  'sold-out': {
    status: 409,
    title: 'Sold out',
    meaning:
      'No unit is free right now. The member `availability` is `all_held` while units are held, which come back when their ' +
      'holds expire or are released, and `sold_out` once every unit is bought.',
  },
  'already-reserved': {
    status: 409,
    title: 'Already reserved',
    meaning: 'The user already holds a unit of this drop; the member `reservation` is that reservation.',
  },
  'limit-reached': {
    status: 409,
    title: 'Limit reached',
    meaning: 'The user has bought and holds as many units of this drop as one user may have.',
  },
  'cool-down': {
    status: 409,
    title: 'Reserved too often',
    meaning:
      'The user has let too many reservations of this drop go unpaid, and can reserve it again at the time in the member ' +
      '`retryAt`. `Retry-After` has the same time in seconds from now.',
  },
  'drop-not-started': {
    status: 409,
    title: 'Drop not started',
    meaning: 'The drop starts at the time in the member `startsAt`.',
  },
  'drop-paused': { status: 409, title: 'Drop paused', meaning: 'The drop is paused; try again later.' },
  'drop-ended': { status: 410, title: 'Drop ended', meaning: 'The drop has ended or was cancelled.' },
  'drop-state': {
    status: 409,
    title: 'Not possible in this state',
    meaning:
      'The state of the drop, which is in the member `state`, forbids the change. A draft can only be changed and published, ' +
      'and a cancelled drop stays as it is.',
  },
  'currency-in-use': {
    status: 409,
    title: 'Currency in use',
    meaning:
      'A unit of the drop was reserved or sold, and prices are kept in its currency, which is in the member `currency`. Create a ' +
      'drop with the other currency instead.',
  },
  'stock-in-use': {
    status: 409,
    title: 'Stock in use',
    meaning:
      'More units than are available cannot be taken off: the others are held or sold. The member `possible` is the most.',
  },
  'stock-limit': {
    status: 409,
    title: 'Stock limit',
    meaning:
      'A drop has at most 1,000,000 units, held and sold ones included. The member `possible` is the most that can be added.',
  },
  'reservation-expired': {
    status: 410,
    title: 'Reservation expired',
    meaning: 'The hold has expired and its unit is back on sale.',
  },
  'reservation-settled': {
    status: 410,
    title: 'Reservation settled',
    meaning: 'The reservation was already purchased, or was released.',
  },
});

export class DropNotFoundError extends fixedProblem(STOCK_PROBLEMS['drop-not-found'], 'Drop not found') {}

export class DropEndedError extends AppError {
  constructor(status: 'ended' | 'cancelled') {
    super(STOCK_PROBLEMS['drop-ended'], status === 'cancelled' ? 'This drop was cancelled' : 'This drop has ended');
  }
}

const ACTION_WORDS = {
  publish: 'published',
  pause: 'paused',
  resume: 'resumed',
  end: 'ended',
  cancel: 'cancelled',
  change: 'changed',
} as const;

const STATE_WORDS: Readonly<Record<DropStatus, string>> = {
  draft: 'it is a draft',
  scheduled: 'it has not started yet',
  live: 'it is on sale',
  sold_out: 'it is on sale',
  paused: 'it is paused',
  ended: 'it has ended',
  cancelled: 'it was cancelled',
};

export class DropStateError extends AppError {
  /** @param reason the state that forbids it, if that is hidden by another one. */
  constructor(action: keyof typeof ACTION_WORDS, state: DropStatus, reason = state) {
    super(STOCK_PROBLEMS['drop-state'], `This drop cannot be ${ACTION_WORDS[action]}: ${STATE_WORDS[reason]}`, {
      members: { state },
    });
  }
}

export class CurrencyInUseError extends AppError {
  /** @param currency the one that stays. */
  constructor(currency: string) {
    super(
      STOCK_PROBLEMS['currency-in-use'],
      `The currency stays ${currency}: a unit of this drop was reserved or sold already`,
      { members: { currency } },
    );
  }
}

export class StockInUseError extends AppError {
  /** @param possible the most units that can be taken off. */
  constructor(possible: number) {
    super(
      STOCK_PROBLEMS['stock-in-use'],
      possible === 0
        ? 'No unit can be taken off: all of them are held or sold'
        : `At most ${possible} can be taken off: the other units are held or sold`,
      { members: { possible } },
    );
  }
}

export class StockLimitError extends AppError {
  /** @param possible the most units that can be added. */
  constructor(possible: number) {
    super(
      STOCK_PROBLEMS['stock-limit'],
      possible === 0
        ? 'No unit can be added: the drop has as many as a drop can have'
        : `At most ${possible} can be added: a drop cannot have more units`,
      { members: { possible } },
    );
  }
}

export class DropPausedError extends fixedProblem(STOCK_PROBLEMS['drop-paused'], 'This drop is paused') {}

export class DropNotStartedError extends AppError {
  /** @param startsAt ISO 8601, UTC. */
  constructor(startsAt: string) {
    super(STOCK_PROBLEMS['drop-not-started'], 'This drop has not started yet', { members: { startsAt } });
  }
}

export class AlreadyReservedError extends AppError {
  /** @param reservation the user's reservation, as the API returns it. */
  constructor(reservation: object) {
    super(STOCK_PROBLEMS['already-reserved'], 'You already hold a unit of this drop', { members: { reservation } });
  }
}

export class LimitReachedError extends AppError {
  constructor(limitPerUser: number) {
    super(STOCK_PROBLEMS['limit-reached'], `At most ${limitPerUser} of this drop for each user`, {
      members: { limitPerUser },
    });
  }
}

export class CoolDownError extends AppError {
  /**
   * @param retryAt when the user can reserve this drop again.
   * @param now the database's clock.
   */
  constructor(retryAt: Date, now: Date) {
    const seconds = Math.ceil((retryAt.getTime() - now.getTime()) / 1000);
    super(
      STOCK_PROBLEMS['cool-down'],
      `Your last reservations of this drop were not paid for: you can reserve it again in ${inWords(seconds)}`,
      { members: { retryAt: toIso(retryAt) }, headers: { 'Retry-After': String(seconds) } },
    );
  }
}

/** A time for people: seconds up to a minute, then minutes or hours, rounded up. */
function inWords(seconds: number): string {
  const [count, unit] =
    seconds <= 60
      ? [seconds, 'second']
      : seconds <= 3600
        ? [Math.ceil(seconds / 60), 'minute']
        : [Math.ceil(seconds / 3600), 'hour'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

export class SoldOutError extends AppError {
  constructor(availability: Extract<Availability, 'all_held' | 'sold_out'>) {
    super(STOCK_PROBLEMS['sold-out'], 'Out of stock', { members: { availability } });
  }
}

export class ReservationNotFoundError extends fixedProblem(
  STOCK_PROBLEMS['reservation-not-found'],
  'Reservation not found',
) {}
export class NotYourReservationError extends fixedProblem(
  STOCK_PROBLEMS['not-your-reservation'],
  'This reservation belongs to another user',
) {}
export class ReservationExpiredError extends fixedProblem(
  STOCK_PROBLEMS['reservation-expired'],
  'This reservation has expired',
) {}

export class ReservationSettledError extends AppError {
  constructor(status: 'completed' | 'released') {
    super(
      STOCK_PROBLEMS['reservation-settled'],
      status === 'completed' ? 'This reservation was already purchased' : 'This reservation was released',
    );
  }
}

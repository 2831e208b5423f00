import type { Drop } from '../api/client.js';

/** What a user can do about a drop now, or why nothing. */
export type Offer =
  | 'reserve'
  | 'sign-in'
  /** The user has bought as many as one may. */
  | 'limit-reached'
  /** After reservations that were not bought. */
  | 'wait'
  /** None is free, but held units may come back. */
  | 'all-held'
  | 'sold-out'
  | 'opens'
  | 'paused'
  | 'ended'
  | 'cancelled'
  | 'draft';

interface Situation {
  /** At the current time: see `useDrop`. */
  readonly drop: Pick<Drop, 'status' | 'availableStock' | 'reservedStock' | 'limitPerUser'>;
  readonly isSignedIn: boolean;
  /** Units of the drop that the user has bought. */
  readonly owned: number;
  /** The server has refused a reservation for some seconds, because of reservations that were not bought. */
  readonly isCoolingDown?: boolean;
}

/** Decides what a user without a hold can do about a drop, in the order in which the server decides about a reservation. */
export function offerOf({ drop, isSignedIn, owned, isCoolingDown = false }: Situation): Offer {
  const { status, availableStock, reservedStock, limitPerUser } = drop;
  if (status === 'scheduled') return 'opens';
  if (status !== 'live' && status !== 'sold_out') return status;
  if (limitPerUser !== null && owned >= limitPerUser) return 'limit-reached';
  if (availableStock === 0) return reservedStock > 0 ? 'all-held' : 'sold-out';
  if (!isSignedIn) return 'sign-in';
  return isCoolingDown ? 'wait' : 'reserve';
}

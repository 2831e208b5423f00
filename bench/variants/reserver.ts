import type { AuthenticatedUser } from '../../src/lib/auth/authenticate.js';
import type { ReserveResult } from '../../src/modules/reservations/reservations.service.js';

/** What every variant of the reservation service can do, and all that is measured of it. */
export interface Reserver {
  reserve(request: ReserveRequest): Promise<ReserveResult>;
  /** Ends its connections. */
  close(): Promise<void>;
}

interface ReserveRequest {
  readonly user: AuthenticatedUser;
  readonly dropId: string;
}

/** How long holds last that the variants make: as the service's, by default. */
export const TTL_MS = 60_000;

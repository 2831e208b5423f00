import type { AuthenticatedUser } from '../../src/lib/auth/authenticate.js';
import type { Database } from '../../src/lib/db/database.js';
import type { ReserveResult } from '../../src/modules/reservations/reservations.service.js';

/** What every variant of the reservation service can do, and all that is measured of it. */
export interface Reserver {
  reserve(request: { user: AuthenticatedUser; dropId: string; signal?: AbortSignal }): Promise<ReserveResult>;
}

/** What a variant is made of: the part of the service's own dependencies that it needs. */
export interface ReserverDependencies {
  /** Prisma, on the service's own pool. */
  readonly db: Database;
  /** The database's connection string. */
  readonly databaseUrl: string;
  readonly ttlSeconds: number;
}

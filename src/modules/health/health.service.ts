import { ping, type Database } from '../../lib/db/database.js';
import { UnavailableError } from '../../lib/errors/index.js';

/** The state that `/readyz` reports to load balancers. */
export interface Readiness {
  /** True from the start of a shutdown. */
  closing: boolean;
}

export type HealthService = ReturnType<typeof createHealthService>;

export function createHealthService({ db, readiness }: { db: Database; readiness: Readiness }) {
  return {
    /** Checks that requests can be served. @throws {UnavailableError} during a shutdown, and while the database is unavailable. */
    async assertReady(): Promise<void> {
      if (readiness.closing) throw new UnavailableError(undefined, 'The service is shutting down');
      await ping(db);
    },
  };
}

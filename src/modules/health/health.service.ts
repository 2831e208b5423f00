import { ping, type Database } from '../../lib/db/database.js';
import { UnavailableError } from '../../lib/errors/index.js';
import { createTtlCache } from '../../lib/ttl-cache.js';

/** The state that `/readyz` reports to load balancers. */
export interface Readiness {
  /** True from the start of a shutdown. */
  closing: boolean;
}

/** Shorter than the interval at which any load balancer checks. */
const PING_MAX_AGE_MS = 250;

export type HealthService = ReturnType<typeof createHealthService>;

export function createHealthService({ db, readiness }: { db: Database; readiness: Readiness }) {
  const pings = createTtlCache<void>({ maxAgeMs: PING_MAX_AGE_MS, maxEntries: 1 });

  return {
    /**
     * Checks that requests can be served. Calls share a query to the database, whose success counts for a quarter of a second:
     * a flood of checks costs four queries a second.
     *
     * @throws {UnavailableError} during a shutdown, and while the database is unavailable.
     */
    async assertReady(): Promise<void> {
      if (readiness.closing) throw new UnavailableError(undefined, 'The service is shutting down');
      await pings.get('database', () => ping(db));
    },
  };
}

import type { Database } from '../../lib/db/database.js';
import { UnavailableError } from '../../lib/errors/index.js';
import type { Readiness } from '../../lib/readiness.js';

export type HealthService = ReturnType<typeof createHealthService>;

export function createHealthService({ db, readiness }: { db: Database; readiness: Readiness }) {
  return {
    /** Resolves if requests can be served: not while shutting down, nor with the database away. @throws {UnavailableError} */
    async assertReady(): Promise<void> {
      if (readiness.closing) throw new UnavailableError(undefined, 'The service is shutting down');
      await db.$queryRaw`SELECT 1`;
    },
  };
}

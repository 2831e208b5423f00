import type { Database } from '../../src/lib/db/database.js';
import { createOneTransactionReserver } from './one-transaction.js';
import type { Reserver } from './reserver.js';

/** In place of the module's own service: one transaction a request. */
export function createReservationsService({ db, ttlSeconds }: { db: Database; ttlSeconds: number }): Reserver {
  return createOneTransactionReserver({ db, databaseUrl: '', ttlSeconds });
}

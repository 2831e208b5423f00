import { openOneTransactionReserver } from './one-transaction.js';
import { databaseUrlOfProcess } from './plain-prisma.js';
import type { Reserver } from './reserver.js';

/** In place of the module's own service: one transaction a request. */
export function createReservationsService(): Reserver {
  return openOneTransactionReserver(databaseUrlOfProcess());
}

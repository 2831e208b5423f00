import { databaseUrlOfProcess } from './plain-prisma.js';
import type { Reserver } from './reserver.js';
import { openSequelizeLikeReserver } from './sequelize-like.js';

/** In place of the module's own service: one transaction a request, as an active-record ORM sends it. */
export function createReservationsService(): Reserver {
  return openSequelizeLikeReserver(databaseUrlOfProcess());
}

import { openOneTransactionReserver, openPrismaDefaultsReserver } from './one-transaction.js';
import { openOurReserver } from './our-reserver.js';
import type { Reserver } from './reserver.js';
import { openSequelizeLikeReserver } from './sequelize-like.js';

const reservers = {
  ours: openOurReserver,
  'one-transaction': openOneTransactionReserver,
  'prisma-defaults': openPrismaDefaultsReserver,
  'sequelize-like': openSequelizeLikeReserver,
} satisfies Record<string, (databaseUrl: string) => Reserver | Promise<Reserver>>;

export type ReserverName = keyof typeof reservers;

/** Opens a variant of the reservation service in this process, without HTTP. */
export async function openReserver(name: ReserverName, databaseUrl: string): Promise<Reserver> {
  return reservers[name](databaseUrl);
}

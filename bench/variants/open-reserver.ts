import { createLogger } from '../../src/lib/logger.js';
import { openContext } from '../../src/service.js';
import { productionConfig } from '../processes/service-under-test.js';
import { openOneTransactionReserver, openPrismaDefaultsReserver } from './one-transaction.js';
import { openSequelizeLikeReserver } from './sequelize-like.js';
import type { Reserver } from './support.js';

const reservers = {
  ours: openOurReserver,
  'one-transaction': openOneTransactionReserver,
  'prisma-defaults': openPrismaDefaultsReserver,
  'sequelize-like': openSequelizeLikeReserver,
} satisfies Record<string, (databaseUrl: string) => Reserver | Promise<Reserver>>;

export type ReserverName = keyof typeof reservers;

/** Opens an implementation of the reservation service in this process, without HTTP. */
export async function openReserver(name: ReserverName, databaseUrl: string): Promise<Reserver> {
  return reservers[name](databaseUrl);
}

async function openOurReserver(databaseUrl: string): Promise<Reserver> {
  const config = productionConfig(databaseUrl);
  const context = await openContext(config, { logger: createLogger(config) });
  const { reservations } = context.services;
  return {
    reserve: (request) => reservations.reserve({ ...request, idempotencyKey: undefined }),
    close: context.close,
  };
}

import { createLogger } from '../../src/lib/logger.js';
import { createReservationsService } from '../../src/modules/reservations/reservations.service.js';
import { openContext } from '../../src/service.js';
import { productionConfig } from '../processes/service-under-test.js';
import { openOneTransactionService, openPrismaDefaultsService } from './one-transaction.js';
import { openSequelizeLikeService } from './sequelize-like.js';
import type { ReservationService } from './support.js';

const implementations = {
  ours: openOurService,
  'not-counting': openNotCountingService,
  'one-transaction': openOneTransactionService,
  'prisma-defaults': openPrismaDefaultsService,
  'sequelize-like': openSequelizeLikeService,
} satisfies Record<string, (databaseUrl: string) => ReservationService | Promise<ReservationService>>;

export type ReservationServiceName = keyof typeof implementations;

/** Opens an implementation of the reservation service in this process, without HTTP. */
export async function openReservationService(
  name: ReservationServiceName,
  databaseUrl: string,
): Promise<ReservationService> {
  return implementations[name](databaseUrl);
}

async function openOurService(databaseUrl: string): Promise<ReservationService> {
  const config = productionConfig(databaseUrl);
  const context = await openContext(config, { logger: createLogger(config) });
  const { services, refusalCounts } = context;
  refusalCounts.start();
  return {
    reserve: (request) => services.reservations.reserve({ ...request, idempotencyKey: undefined }),
    async close() {
      await refusalCounts.stop();
      await context.close();
    },
  };
}

/** The same without the counts of refusals. */
async function openNotCountingService(databaseUrl: string): Promise<ReservationService> {
  const config = productionConfig(databaseUrl);
  const context = await openContext(config, { logger: createLogger(config) });
  const reservations = createReservationsService({
    ...context,
    holdSeconds: config.reservationTtlSeconds,
    coolDown: config.holdCoolDown,
    countRefusal: () => undefined,
  });
  return {
    reserve: (request) => reservations.reserve({ ...request, idempotencyKey: undefined }),
    close: context.close,
  };
}

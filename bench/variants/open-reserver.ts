import { createContext } from '../../src/context.js';
import { createLogger } from '../../src/lib/logger.js';
import { productionConfig } from '../processes/service-settings.js';
import { createOneTransactionReserver, createPrismaDefaultsReserver } from './one-transaction.js';
import { createOurReserver } from './our-reserver.js';
import type { Reserver } from './reserver.js';
import { createSequelizeLikeReserver } from './sequelize-like.js';

export type ReserverName = 'ours' | 'one-transaction' | 'prisma-defaults' | 'sequelize-like';

/** Opens a variant of the reservation service in this process, without HTTP, on the context of the real one. */
export async function openReserver(
  name: ReserverName,
  databaseUrl: string,
): Promise<Reserver & { close(): Promise<void> }> {
  const config = productionConfig(databaseUrl);
  const context = await createContext(config, { logger: createLogger(config) });
  const dependencies = { db: context.db, databaseUrl, ttlSeconds: config.reservationTtlSeconds };
  switch (name) {
    case 'ours':
      return { ...createOurReserver(context), close: context.close };
    case 'one-transaction':
      return { ...createOneTransactionReserver(dependencies), close: context.close };
    case 'prisma-defaults':
      return { ...createPrismaDefaultsReserver(dependencies), close: context.close };
    case 'sequelize-like': {
      const { reserve, close } = createSequelizeLikeReserver(dependencies);
      return {
        reserve,
        async close() {
          await close();
          await context.close();
        },
      };
    }
  }
}

import { createDropsService as createReal, type DropsService } from '../../src/modules/drops/drops.service.js';
import { CONNECTIONS, databaseUrlOfProcess, openPlainPrisma } from './plain-prisma.js';
import { LATEST, NEWEST_FIRST, pageOf, presentDrop } from './present-drop.js';

/** In place of the module's own service: Prisma's findMany with the latest purchasers included. */
export function createDropsService(dependencies: Parameters<typeof createReal>[0]): DropsService {
  const { publicUrl } = dependencies;
  const db = openPlainPrisma(databaseUrlOfProcess(), CONNECTIONS);
  const purchases = {
    orderBy: [...NEWEST_FIRST],
    take: LATEST,
    include: { user: { select: { username: true } } },
  };
  return {
    ...createReal(dependencies),
    async list(query) {
      const [drops, totalItems] = await Promise.all([
        db.drop.findMany({ orderBy: [...NEWEST_FIRST], ...pageOf(query), include: { purchases } }),
        db.drop.count(),
      ]);
      const listed = drops.map(({ purchases: latest, ...drop }) => {
        const named = latest.map(({ id, user, createdAt }) => ({ id, username: user.username, createdAt }));
        return presentDrop(drop, named, publicUrl);
      });
      return { drops: listed, totalItems };
    },
  };
}

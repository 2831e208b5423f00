import { createDropsService as createReal, type DropsService } from '../../src/modules/drops/drops.service.js';
import { CONNECTIONS, databaseUrlOfProcess, openPlainPrisma } from './plain-prisma.js';
import { LATEST, NEWEST_FIRST, pageOf, presentDrop, type LatestPurchase } from './present-drop.js';

/** In place of the module's own service: a page of drops, and then for each of them its latest purchasers. */
export function createDropsService(dependencies: Parameters<typeof createReal>[0]): DropsService {
  const { publicUrl } = dependencies;
  const db = openPlainPrisma(databaseUrlOfProcess(), CONNECTIONS);
  return {
    ...createReal(dependencies),
    async list(query) {
      const [drops, totalItems] = await Promise.all([
        db.drop.findMany({ orderBy: [...NEWEST_FIRST], ...pageOf(query) }),
        db.drop.count(),
      ]);
      const listed = drops.map(async (drop) => {
        const latest = await db.$queryRaw<LatestPurchase[]>`
          SELECT p.id, u.username, p.created_at AS "createdAt"
          FROM purchases p JOIN users u ON u.id = p.user_id
          WHERE p.drop_id = ${drop.id}::uuid
          ORDER BY p.created_at DESC, p.id DESC
          LIMIT ${LATEST}`;
        return presentDrop(drop, latest, publicUrl);
      });
      return { drops: await Promise.all(listed), totalItems };
    },
  };
}

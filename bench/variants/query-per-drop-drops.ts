import { dropsWithList, TOP_PURCHASERS, type DropsDependencies, type LatestPurchase } from './drops-with-list.js';

/** Replaces the module's service: one query for the page, then one for the latest purchases of each drop. */
export function createDropsService(dependencies: DropsDependencies) {
  return dropsWithList(dependencies, async (db, page) => {
    const drops = await db.drop.findMany(page);
    return Promise.all(
      drops.map(async (drop) => {
        const latest = await db.$queryRaw<LatestPurchase[]>`
          SELECT p.id, u.username, p.created_at AS "createdAt"
          FROM purchases p JOIN users u ON u.id = p.user_id
          WHERE p.drop_id = ${drop.id}::uuid
          ORDER BY p.created_at DESC, p.id DESC
          LIMIT ${TOP_PURCHASERS}`;
        return { ...drop, latest };
      }),
    );
  });
}

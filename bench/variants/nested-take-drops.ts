import { dropsWithList, NEWEST_FIRST, TOP_PURCHASERS, type DropsDependencies } from './drops-with-list.js';

/** Replaces the module's service: Prisma's findMany includes the latest purchases. */
export function createDropsService(dependencies: DropsDependencies) {
  return dropsWithList(dependencies, async (db, page) => {
    const purchases = {
      orderBy: [...NEWEST_FIRST],
      take: TOP_PURCHASERS,
      include: { user: { select: { username: true } } },
    };
    const drops = await db.drop.findMany({ ...page, include: { purchases } });
    return drops.map(({ purchases: found, ...drop }) => ({
      ...drop,
      latest: found.map(({ id, user, createdAt }) => ({ id, username: user.username, createdAt })),
    }));
  });
}

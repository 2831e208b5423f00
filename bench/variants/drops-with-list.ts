import type { Drop, PrismaClient } from '../../src/generated/prisma/client.js';
import { toDropResponse, type ListDropsQuery } from '../../src/modules/drops/drops.schema.js';
import { createDropsService as createOurs, type DropsService } from '../../src/modules/drops/drops.service.js';
import { CONNECTIONS, databaseUrlOfProcess, openPlainPrisma } from './support.js';

export type DropsDependencies = Parameters<typeof createOurs>[0];

export const TOP_PURCHASERS = 3;
export const NEWEST_FIRST = [{ createdAt: 'desc' }, { id: 'desc' }] as const;

export interface LatestPurchase {
  readonly id: string;
  readonly username: string;
  readonly createdAt: Date;
}

interface Page {
  readonly orderBy: { createdAt?: 'desc'; id?: 'desc' }[];
  readonly skip: number;
  readonly take: number;
}

type ReadPage = (db: PrismaClient, page: Page) => Promise<readonly (Drop & { latest: readonly LatestPurchase[] })[]>;

/** The service's drops, with another way to read a page of the list; {@link CONNECTIONS} connections. */
export function dropsWithList(dependencies: DropsDependencies, readPage: ReadPage): DropsService {
  const db = openPlainPrisma(databaseUrlOfProcess(), CONNECTIONS);
  return {
    ...createOurs(dependencies),
    async list({ page, pageSize }: ListDropsQuery) {
      const [drops, totalItems] = await Promise.all([
        readPage(db, { orderBy: [...NEWEST_FIRST], skip: (page - 1) * pageSize, take: pageSize }),
        db.drop.count(),
      ]);
      const toResponse = ({ latest, ...drop }: (typeof drops)[number]) => {
        const topPurchasers = latest.map(({ createdAt, ...each }) => ({
          ...each,
          purchasedAt: createdAt.toISOString(),
        }));
        // Every drop of the benchmark is live.
        const row = { ...drop, topPurchasers, status: 'live' as const, readAt: drop.updatedAt };
        return toDropResponse(row, dependencies);
      };
      return { drops: drops.map(toResponse), totalItems };
    },
  };
}

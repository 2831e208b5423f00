import type { Drop, PrismaClient } from '../../src/generated/prisma/client.js';
import { absoluteUrl } from '../../src/lib/http/absolute-url.js';
import type { DropResponse, ListDropsQuery } from '../../src/modules/drops/drops.schema.js';
import { createDropsService as createOurs, type DropsService } from '../../src/modules/drops/drops.service.js';
import { CONNECTIONS, databaseUrlOfProcess, openPlainPrisma } from './support.js';

export type DropsDependencies = Parameters<typeof createOurs>[0];

/** Purchasers per drop in a list. */
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
      return { drops: drops.map((drop) => toResponse(drop, drop.latest, dependencies.publicUrl)), totalItems };
    },
  };
}

/** A live drop as the API returns it. */
function toResponse(drop: Drop, latest: readonly LatestPurchase[], publicUrl: string): DropResponse {
  return {
    id: drop.id,
    name: drop.name,
    price: drop.price.toFixed(2),
    totalStock: drop.totalStock,
    availableStock: drop.availableStock,
    reservedStock: drop.reservedStock,
    soldStock: drop.soldStock,
    version: drop.version,
    status: 'live',
    limitPerUser: drop.limitPerUser,
    imageUrl: absoluteUrl(drop.imageUrl, publicUrl),
    dropStartsAt: drop.dropStartsAt.toISOString(),
    dropEndsAt: drop.dropEndsAt?.toISOString() ?? null,
    createdAt: drop.createdAt.toISOString(),
    updatedAt: drop.updatedAt.toISOString(),
    topPurchasers: latest.map(({ id, username, createdAt }) => ({
      id,
      username,
      purchasedAt: createdAt.toISOString(),
    })),
  };
}

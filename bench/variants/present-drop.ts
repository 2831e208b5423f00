import type { Drop } from '../../src/generated/prisma/client.js';
import { absoluteUrl } from '../../src/lib/http/absolute-url.js';
import type { DropResponse, ListDropsQuery } from '../../src/modules/drops/drops.schema.js';

/** How many purchasers a list shows of each drop. */
export const LATEST = 3;

export const NEWEST_FIRST = [{ createdAt: 'desc' }, { id: 'desc' }] as const;

export interface LatestPurchase {
  readonly id: string;
  readonly username: string;
  readonly createdAt: Date;
}

export function pageOf({ page, pageSize }: ListDropsQuery): { skip: number; take: number } {
  return { skip: (page - 1) * pageSize, take: pageSize };
}

/** A drop as the API shows it, for drops that are live. */
export function presentDrop(drop: Drop, latest: readonly LatestPurchase[], publicUrl: string): DropResponse {
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

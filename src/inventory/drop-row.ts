import { Prisma, type Drop } from '../generated/prisma/client.js';
import type { DropStatus } from './inventory.schema.js';
import { columnList } from '../lib/db/sql.js';

/**
 * Every stored column of a {@link DropRow} and its name in the table. The row's type and the column list of the queries are
 * both derived from this map. Left out are columns that only recognise a repeated request, those that only decide the status, and
 * those of {@link DETAIL_COLUMNS}.
 */
const STORED_COLUMNS = {
  id: 'id',
  name: 'name',
  price: 'price',
  totalStock: 'total_stock',
  availableStock: 'available_stock',
  reservedStock: 'reserved_stock',
  soldStock: 'sold_stock',
  version: 'version',
  imageUrl: 'image_url',
  dropStartsAt: 'drop_starts_at',
  dropEndsAt: 'drop_ends_at',
  limitPerUser: 'limit_per_user',
  holdSeconds: 'hold_seconds',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
} as const satisfies Partial<Record<keyof Drop, string>>;

/** Columns that no stock transaction needs. A description has up to 2,000 characters, so those statements do not return it. */
const DETAIL_COLUMNS = { currency: 'currency', description: 'description' } as const satisfies Partial<
  Record<keyof Drop, string>
>;

/** A drop as raw queries return it, with the two values that only the database can compute. */
export interface DropRow extends Pick<Drop, keyof typeof STORED_COLUMNS> {
  readonly status: DropStatus;
  /** The database's clock when the row was read. */
  readonly readAt: Date;
}

const STATUS = 'drop_status(d) AS status';

/** The columns of a {@link DropRow}, for a raw query in which the table `drops` has the alias `d`. */
export const DROP_COLUMNS = Prisma.raw(rowColumns());

/** A drop with everything that the API shows of the row. */
export interface DetailedDropRow extends DropRow, Pick<Drop, keyof typeof DETAIL_COLUMNS> {}

/** The columns of a {@link DetailedDropRow}, for a raw query in which the table `drops` has the alias `d`. */
export const DETAILED_DROP_COLUMNS = Prisma.raw([rowColumns(), columnList('d', DETAIL_COLUMNS)].join(', '));

function rowColumns(): string {
  return [columnList('d', STORED_COLUMNS), STATUS, 'clock_timestamp() AS "readAt"'].join(', ');
}

/** The columns of a {@link DropRow} in the result of a LEFT JOIN that may have found no drop. */
export type MaybeDropRow = DropRow | { readonly [Column in keyof DropRow]: null };

/** Returns the drop of a joined row, or null if the join found none. */
export function dropOf(row: MaybeDropRow): DropRow | null {
  return row.id === null ? null : row;
}

const INVENTORY = ['id', 'availableStock', 'reservedStock', 'soldStock', 'totalStock', 'version'] as const;

/** The part of a {@link DropRow} that toInventorySnapshot() reads. */
export type InventoryRow = Pick<DropRow, (typeof INVENTORY)[number] | 'status'>;

/** The columns of an {@link InventoryRow}, for a raw query in which the table `drops` has the alias `d`. */
export const INVENTORY_COLUMNS = Prisma.raw([columnList('d', STORED_COLUMNS, [...INVENTORY]), STATUS].join(', '));

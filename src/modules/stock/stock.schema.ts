import { z } from 'zod';
import { StockCause } from '../../generated/prisma/enums.js';
import { InventoryUpdate, MAX_TOTAL_STOCK } from '../../inventory/inventory.schema.js';
import { CHUNK_SIZE } from '../../lib/http/read-chunks.js';
import { fieldNames } from '../../lib/validation/field-names.js';
import { isoTime, optionalQueryNumber, uuid } from '../../lib/validation/schema-primitives.js';
import { reason } from '../../lib/validation/text.js';

const DEFAULT_LIMIT = 100;
/** The highest version of a drop, an integer in the database. */
const MAX_VERSION = 2 ** 31 - 1;

export const ChangeStockBody = z
  .strictObject({
    delta: z
      .int()
      .min(-MAX_TOTAL_STOCK)
      .max(MAX_TOTAL_STOCK)
      .refine((value) => value !== 0, 'must not be 0')
      .meta({ description: 'Units to put on sale; negative: to take off. Not 0.', example: 25 })
      .register(fieldNames, {
        label: 'The number of units',
        mistakenFor: ['quantity', 'units', 'amount', 'totalStock'],
      }),
    reason: reason
      .nullish()
      .meta({ description: 'Why, for the ledger. It is kept for good.', example: 'A second delivery' }),
  })
  .meta({ id: 'ChangeStockBody' });
export type ChangeStockBody = z.infer<typeof ChangeStockBody>;

export const LedgerQuery = z.object({
  after: optionalQueryNumber(
    0,
    MAX_VERSION,
    'Only movements with a higher version. Left out: from the first.',
  ).register(fieldNames, { mistakenFor: ['since', 'from', 'version'] }),
  limit: optionalQueryNumber(
    1,
    CHUNK_SIZE,
    `Movements to return, at most ${CHUNK_SIZE}. Left out: ${DEFAULT_LIMIT}; in CSV, all.`,
  ).register(fieldNames, { mistakenFor: ['pageSize', 'count'] }),
});
export type LedgerQuery = z.infer<typeof LedgerQuery>;

const { version, availableStock, reservedStock, soldStock, totalStock } = InventoryUpdate.shape;
const count = z.int().nullable();

export const LedgerEntry = z
  .object({
    version: version.meta({ description: 'The version of the drop after the change.' }),
    cause: z
      .enum(StockCause)
      .nullable()
      .meta({
        description:
          'The first that applies of: create, adjust (the total changed), purchase, reserve, release, expire, edit (no unit moved). ' +
          'Null for movements from before causes were kept.',
      }),
    reserved: count.meta({ description: 'Units that were reserved.' }),
    purchased: z.int().meta({ description: 'Units that were purchased.' }),
    expired: count.meta({ description: 'Units whose hold expired.' }),
    released: count.meta({ description: 'Units whose hold was released.' }),
    added: z.int().meta({ description: 'Units that were put on sale; negative: taken off.' }),
    availableStock,
    reservedStock,
    soldStock,
    totalStock,
    actor: z
      .object({
        id: uuid.meta({ description: 'Id of the admin.' }),
        username: z.string().nullable().meta({ description: 'Null if the account was deleted from the database.' }),
      })
      .nullable()
      .meta({
        description: 'The admin who made the change; null for requests of users, expired holds and changes in SQL.',
      }),
    role: z
      .string()
      .nullable()
      .meta({ description: 'The database role of a change that was made in psql, Prisma Studio or the like.' }),
    reason: z.string().nullable().meta({ description: 'Why, if a reason was given.' }),
    changed: z
      .record(z.string(), z.string().nullable())
      .nullable()
      .meta({ description: 'Columns of the drop that were changed beside its counts, with their new values.' }),
    createdAt: isoTime.meta({ description: 'When.' }),
  })
  .meta({ id: 'LedgerEntry', description: 'A change of a drop: what moved, why, and by whom.' });
export type LedgerEntry = z.infer<typeof LedgerEntry>;

export const LedgerMeta = z
  .object({
    next: z
      .int()
      .nullable()
      .meta({ description: 'The value of `after` for the next page; null: this is the last one.' }),
  })
  .meta({ id: 'LedgerMeta', description: 'Where the next page begins.' });

/** The number of movements to return in JSON. */
export function limitOf({ limit }: LedgerQuery): number {
  return limit ?? DEFAULT_LIMIT;
}

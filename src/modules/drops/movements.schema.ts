import { z } from 'zod';
import { InventoryUpdate } from '../../inventory/inventory.schema.js';
import { fieldNames } from '../../lib/validation/field-names.js';
import { isoTime, queryNumber } from '../../lib/validation/schema-primitives.js';
import { time } from '../../lib/validation/time-field.js';

const MAX_POINTS = 1000;
const DEFAULT_POINTS = 200;

export const MovementsQuery = z.object({
  since: time
    .optional()
    .meta({ description: 'The stock from this time on. Left out: from the beginning.' })
    .register(fieldNames, { mistakenFor: ['from', 'after', 'start'] }),
  limit: queryNumber(MAX_POINTS, DEFAULT_POINTS, `Movements to return, at most ${MAX_POINTS}.`),
});
export type MovementsQuery = z.infer<typeof MovementsQuery>;

const { version, availableStock, reservedStock, soldStock } = InventoryUpdate.shape;

export const MovementResponse = z
  .object({
    version: version.meta({ description: 'The version of the drop after the change.' }),
    availableStock,
    reservedStock,
    soldStock,
    createdAt: isoTime.meta({ description: 'When the stock changed.' }),
  })
  .meta({ id: 'Movement', description: 'The stock of a drop after a change.' });
export type MovementResponse = z.infer<typeof MovementResponse>;

export const MovementsMeta = z
  .object({
    totalItems: z
      .int()
      .min(1)
      .meta({ description: 'Movements in this span of time, including those that are not returned.' }),
  })
  .meta({ id: 'MovementsMeta', description: 'The number of movements that the returned ones represent.' });

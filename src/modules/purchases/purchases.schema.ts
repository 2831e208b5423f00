import { z } from 'zod';
import type { PurchaseJson } from '../../inventory/queries/purchase.queries.js';
import { absoluteUrl } from '../drops/drops.schema.js';
import { toIso } from '../../lib/time.js';
import { currencyCode, isoTime, money, pageQuery, uuid } from '../../lib/validation/schema-primitives.js';

export const CreatePurchaseBody = z
  .object({ reservationId: uuid.meta({ description: 'The reservation to purchase.' }) })
  .meta({ id: 'CreatePurchaseBody' });
export type CreatePurchaseBody = z.infer<typeof CreatePurchaseBody>;

const DEFAULT_PAGE_SIZE = 100;

export const ListPurchasesQuery = z.object({
  ...pageQuery(DEFAULT_PAGE_SIZE),
  dropId: uuid
    .optional()
    .meta({ description: 'Only purchases of this drop. `totalItems` is how many units the caller owns.' }),
});
export type ListPurchasesQuery = z.infer<typeof ListPurchasesQuery>;

export const PurchaseResponse = z
  .object({
    id: uuid.meta({ description: 'Id of the purchase.' }),
    userId: uuid.meta({ description: 'The buyer.' }),
    dropId: uuid.meta({ description: 'The drop.' }),
    reservationId: uuid.meta({ description: 'The reservation of the unit.' }),
    price: money.meta({ description: 'The price of its reservation.', example: '175.00' }),
    createdAt: isoTime.meta({ description: 'When it was purchased.' }),
    updatedAt: isoTime.meta({ description: 'When it last changed.' }),
  })
  .meta({ id: 'Purchase', description: 'A purchased unit.' });
export type PurchaseResponse = z.infer<typeof PurchaseResponse>;

export function toPurchaseResponse(purchase: PurchaseJson): PurchaseResponse {
  const { id, userId, dropId, reservationId, price } = purchase;
  return {
    id,
    userId,
    dropId,
    reservationId,
    price,
    createdAt: toIso(purchase.createdAt),
    updatedAt: toIso(purchase.updatedAt),
  };
}

export const PurchaseWithDropResponse = PurchaseResponse.extend({
  Drop: z
    .object({
      id: uuid.meta({ description: 'Id of the drop.' }),
      name: z.string().meta({ description: 'What was bought.' }),
      price: money.meta({ description: 'The price of a unit now.' }),
      currency: currencyCode.meta({ description: 'The currency of both prices: a code of ISO 4217.' }),
      imageUrl: z.url().nullable().meta({ description: 'URL of a picture, absolute.' }),
    })
    .meta({ description: 'The drop. The member has a capital D because existing clients read it.' }),
}).meta({ id: 'PurchaseWithDrop', description: 'A purchased unit and its drop.' });
export type PurchaseWithDropResponse = z.infer<typeof PurchaseWithDropResponse>;

/**
 * Completes the URLs of pictures in a JSON text in which each, and nothing else, stands on a line of its own. `publicUrl` is the base
 * of the URLs of pictures on this server.
 */
export function completeUrls(json: string, publicUrl: string): string {
  const parts = json.split('\n');
  for (let index = 1; index < parts.length; index += 2) {
    const stored = JSON.parse(parts[index] ?? 'null') as string | null;
    parts[index] = JSON.stringify(absoluteUrl(stored, publicUrl));
  }
  return parts.join('');
}

export const PurchaseUpdate = z
  .object({
    dropId: uuid.meta({ description: 'The drop.' }),
    username: z.string().meta({ description: 'The buyer.' }),
    purchasedAt: isoTime.meta({ description: 'When.' }),
  })
  .meta({ id: 'PurchaseUpdate', description: 'Sent when a unit was purchased.' });

export interface PurchaseEvents {
  purchase_update: z.infer<typeof PurchaseUpdate>;
}

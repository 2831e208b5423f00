import { z } from 'zod';
import { currencyCode, money } from '../../lib/validation/schema-primitives.js';

const count = z.int().min(0);

export const DropStats = z
  .object({
    holds: count.meta({
      description: 'Units that were ever reserved: `active`, `expired`, `released` and `completed`.',
    }),
    active: count.meta({
      description: 'Units held now. A hold whose time is over counts until its unit is back on sale.',
    }),
    expired: count.meta({ description: 'Holds that expired.' }),
    released: count.meta({
      description:
        'Holds that were released by their owner or by an admin, or because the drop was cancelled or the account closed.',
    }),
    completed: count.meta({ description: 'Units purchased.' }),
    conversion: z.number().min(0).max(1).nullable().meta({
      description: 'The share of `completed` in the holds that are not active any more; null while there are none.',
      example: 0.85,
    }),
    medianSecondsToPurchase: z.number().min(0).nullable().meta({
      description:
        'The median time from the reservation to the purchase, of the latest 1,000 purchases; null while there are none.',
      example: 12.4,
    }),
    attempts: count.meta({
      description:
        'Requests to reserve that were granted or refused: `holds` and all `refusals`. A request that is repeated with its ' +
        'Idempotency-Key after it was granted is not counted again.',
    }),
    refusals: z.record(z.string(), count).meta({
      description:
        'Requests to reserve that were refused, by the code of the problem. Each refused request counts, also a repeated one. Not ' +
        'counted are requests that were not decided: beyond a rate limit, not valid, without a valid token, or failed ' +
        '(a status of 500 or more).',
      example: { 'sold-out': 5120, 'already-reserved': 3 },
    }),
    peakReservationsPerSecond: count.meta({ description: 'The most units that were reserved in one second.' }),
    revenue: money.meta({ description: 'The sum of the prices of all purchases.', example: '1234.00' }),
    currency: currencyCode.meta({ description: 'The currency of the revenue: a code of ISO 4217.' }),
    waiting: count.meta({ description: 'People on the waiting list. Always 0: there is no waiting list yet.' }),
  })
  .meta({ id: 'DropStats', description: 'How a drop has sold so far.' });
export type DropStats = z.infer<typeof DropStats>;

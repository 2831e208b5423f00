import { z } from 'zod';
import { isoTime, money, uuid } from '../../lib/validation/schema-primitives.js';
import { reason } from '../../lib/validation/text.js';
import { ReservationStatus } from '../../generated/prisma/enums.js';
import type { ReservationJson, ReservationRow } from '../../inventory/reservation-row.js';
import { toIso } from '../../lib/time.js';

export const CreateReservationBody = z
  .object({ dropId: uuid.meta({ description: 'The drop to reserve a unit of.' }) })
  .meta({ id: 'CreateReservationBody' });
export type CreateReservationBody = z.infer<typeof CreateReservationBody>;

export const ReservationParams = z.object({ id: uuid.meta({ description: 'Id of the reservation.' }) });

/** The body may be left out. */
export const ReleaseByAdminBody = z
  .strictObject({
    reason: reason
      .nullish()
      .meta({ description: 'Why, for the ledger. It is kept for good.', example: 'Reserved by mistake' }),
  })
  .default({})
  .meta({ id: 'ReleaseByAdminBody' });
export type ReleaseByAdminBody = z.output<typeof ReleaseByAdminBody>;

export const ReservationResponse = z
  .object({
    id: uuid.meta({ description: 'Id of the reservation.' }),
    userId: uuid.meta({ description: 'The user who reserved the unit.' }),
    dropId: uuid.meta({ description: 'The drop.' }),
    status: z.enum(ReservationStatus).meta({ description: 'Active first, then one of the others, which is final.' }),
    price: money.nullable().meta({
      description:
        'The price of the unit: that of the drop when it was reserved. Its purchase takes it. Null for reservations that ended before ' +
        'prices were kept.',
      example: '175.00',
    }),
    expiresAt: isoTime.meta({ description: 'When the reservation expires, by the server’s clock.' }),
    createdAt: isoTime.meta({ description: 'When it was created.' }),
    updatedAt: isoTime.meta({ description: 'When it last changed.' }),
  })
  .meta({ id: 'Reservation', description: 'A unit that is held for one user.' });
export type ReservationResponse = z.infer<typeof ReservationResponse>;

export function toReservationResponse(
  row: Pick<ReservationRow | ReservationJson, keyof ReservationResponse>,
): ReservationResponse {
  return {
    id: row.id,
    userId: row.userId,
    dropId: row.dropId,
    status: row.status,
    price: row.price,
    expiresAt: toIso(row.expiresAt),
    createdAt: toIso(row.createdAt),
    updatedAt: toIso(row.updatedAt),
  };
}

export const HoldResponse = z
  .object({
    reservation: ReservationResponse,
    availableStock: z.int().min(0).meta({ description: 'Units available now.' }),
    serverTime: isoTime.meta({ description: 'The server’s clock, for a countdown to `expiresAt`.' }),
  })
  .meta({ id: 'Hold', description: 'A reservation, and the available stock after it.' });
export type HoldResponse = z.infer<typeof HoldResponse>;

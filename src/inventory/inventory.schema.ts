import { z } from 'zod';
import { uuid } from '../lib/validation/schema-primitives.js';

/** The states of a drop; drop_status() in the migrations decides between them. */
export const DROP_STATUSES = ['scheduled', 'live', 'sold_out', 'paused', 'ended', 'cancelled'] as const;

export const DropStatus = z.enum(DROP_STATUSES).meta({
  id: 'DropStatus',
  description: 'The first that holds of: cancelled, ended, paused, scheduled, sold_out, live.',
});
export type DropStatus = z.infer<typeof DropStatus>;

const units = z.int().min(0);

/** The whole truth of a drop's stock at one version. `totalStock = availableStock + reservedStock + soldStock`. */
export const InventoryUpdate = z
  .object({
    dropId: uuid.meta({ description: 'The drop.' }),
    availableStock: units.meta({ description: 'Units free to reserve.' }),
    reservedStock: units.meta({ description: 'Units held by active reservations.' }),
    soldStock: units.meta({ description: 'Units purchased.' }),
    totalStock: units.meta({ description: 'All units of the drop.' }),
    version: z.int().min(1).meta({ description: 'Rises with every change; ignore a picture that is not newer.' }),
    status: DropStatus,
  })
  .meta({ id: 'InventoryUpdate', description: 'Sent when the stock of a drop changed, for whatever cause.' });
export type InventoryUpdate = z.infer<typeof InventoryUpdate>;

export const ReservationUpdate = z
  .object({
    reservationId: uuid.meta({ description: 'The reservation that expired.' }),
    dropId: uuid.meta({ description: 'Its drop.' }),
    userId: uuid.meta({ description: 'Who held it.' }),
    availableStock: units.meta({ description: 'Units free after the release.' }),
  })
  .meta({ id: 'ReservationUpdate', description: 'Sent when a reservation expired on the server.' });
export type ReservationUpdate = z.infer<typeof ReservationUpdate>;

/** What every change of stock announces. */
export interface StockEvents {
  inventory_update: InventoryUpdate;
  reservation_update: ReservationUpdate;
}

import { z } from 'zod';
import { uuid } from '../lib/validation/schema-primitives.js';

/** The most units that a drop may have. */
export const MAX_TOTAL_STOCK = 1_000_000;

/** The statuses of a published drop. */
export const PUBLIC_STATUSES = ['scheduled', 'live', 'sold_out', 'paused', 'ended', 'cancelled'] as const;

/** The statuses of a drop, as drop_status() in the migrations computes them. */
export const DropStatus = z.enum([...PUBLIC_STATUSES, 'draft']).meta({
  id: 'DropStatus',
  description:
    'The first that applies of: draft, cancelled, ended, paused, scheduled, sold_out, live. Only admins see a draft.',
});
export type DropStatus = z.infer<typeof DropStatus>;

const units = z.int().min(0);

/** A drop's inventory snapshot at one version. `totalStock = availableStock + reservedStock + soldStock`. */
export const InventoryUpdate = z
  .object({
    dropId: uuid.meta({ description: 'The drop.' }),
    availableStock: units.meta({ description: 'Units available to reserve.' }),
    reservedStock: units.meta({ description: 'Units held by active reservations.' }),
    soldStock: units.meta({ description: 'Units purchased.' }),
    totalStock: units.meta({ description: 'All units of the drop.' }),
    version: z.int().min(1).meta({ description: 'Rises with every change; ignore a snapshot that is not newer.' }),
    status: DropStatus,
  })
  .meta({ id: 'InventoryUpdate', description: 'Sent when the stock of a drop has changed, whatever the cause.' });
export type InventoryUpdate = z.infer<typeof InventoryUpdate>;

export const ReleaseReason = z.enum(['drop-cancelled', 'account-closed', 'released-by-admin']);
export type ReleaseReason = z.infer<typeof ReleaseReason>;

export const ReservationUpdate = z
  .object({
    reservationId: uuid.meta({ description: 'The reservation that ended.' }),
    dropId: uuid.meta({ description: 'Its drop.' }),
    userId: uuid.meta({ description: 'The user who had reserved it.' }),
    availableStock: units.meta({ description: 'Units available after the change.' }),
    status: z.enum(['expired', 'released']).meta({
      description: 'Whether its time ended, or it was released before.',
    }),
    reason: ReleaseReason.optional().meta({
      description:
        'Why it was released. Absent if it expired. Only the owner receives `account-closed` and `released-by-admin`.',
    }),
  })
  .meta({
    id: 'ReservationUpdate',
    description: 'Sent when a reservation ended without a request of its owner: it expired, or was released.',
  });
export type ReservationUpdate = z.infer<typeof ReservationUpdate>;

export interface StockEvents {
  inventory_update: InventoryUpdate;
  reservation_update: ReservationUpdate;
}

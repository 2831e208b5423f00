import type { InventoryUpdate } from './inventory.schema.js';

// Server, client and page decide by these functions. The client is copied into browsers: this file imports only types.

/** The stock and the status of a drop at one version. */
export type InventorySnapshot = Readonly<InventoryUpdate>;

type DropStatus = InventorySnapshot['status'];
type Ordered = Pick<InventorySnapshot, 'version' | 'status'>;

/** Whether `next` replaces `current`: it has a higher version, or a later status at the same version. */
export function isNewer(next: Ordered, current: Ordered): boolean {
  if (next.version !== current.version) return next.version > current.version;
  return isLaterStatus(next.status, current.status);
}

/**
 * Whether a drop passes from `earlier` to `status` by time alone, without a new version: it leaves `scheduled` when it starts
 * and becomes `ended` when it ends.
 */
export function isLaterStatus(status: DropStatus, earlier: DropStatus): boolean {
  return status !== earlier && (earlier === 'scheduled' || status === 'ended');
}

/** Whether units of a drop can be reserved, and if not, why. */
export type Availability = 'available' | 'all_held' | 'sold_out' | 'closed';

/** The availability that follows from a snapshot. Units that are all held may come back; sold ones do not. */
export function availabilityOf({
  status,
  availableStock,
  reservedStock,
}: Pick<InventorySnapshot, 'status' | 'availableStock' | 'reservedStock'>): Availability {
  if (status !== 'live' && status !== 'sold_out') return 'closed';
  if (availableStock > 0) return 'available';
  return reservedStock > 0 ? 'all_held' : 'sold_out';
}

/** A drop with the stock and the status of a snapshot, and what follows from them. */
export function withSnapshot<Drop extends object>(drop: Drop, { dropId: _dropId, ...stock }: InventorySnapshot) {
  return { ...drop, ...stock, availability: availabilityOf(stock) };
}

/** The snapshot contained in a drop: in its row, or as `new_drop` and `drop_update` carry it. */
export function toInventorySnapshot(
  drop: Omit<InventorySnapshot, 'dropId'> & { readonly id: string },
): InventorySnapshot {
  const { id: dropId, availableStock, reservedStock, soldStock, totalStock, version, status } = drop;
  return { dropId, availableStock, reservedStock, soldStock, totalStock, version, status };
}

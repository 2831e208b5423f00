import type { InventorySnapshot } from '../../../../src/client/index.js';

type Stock = Pick<InventorySnapshot, 'availableStock' | 'totalStock'>;

/** The rate at which units of one drop are reserved, from its snapshots. */
export interface ReservationRate {
  /** Adds a snapshot that was received at a time in ms. */
  readonly add: (stock: Stock, at: number) => void;
  /** The next snapshot is compared with none before it: changes may have been missed. */
  readonly interrupt: () => void;
  /** Units per second over the last seconds before a time in ms. */
  readonly perSecond: (now: number) => number;
}

const WINDOW_MS = 5_000;

/** Counts the units that leave the available stock from one snapshot to the next. A unit that came back in between is not counted. */
export function createReservationRate(): ReservationRate {
  let last: Stock | null = null;
  let taken: readonly { readonly units: number; readonly at: number }[] = [];

  return {
    add(stock, at) {
      const units = last ? last.availableStock - stock.availableStock + stock.totalStock - last.totalStock : 0;
      last = stock;
      if (units > 0) taken = [...taken.filter((each) => each.at > at - 2 * WINDOW_MS), { units, at }];
    },
    interrupt() {
      last = null;
    },
    perSecond(now) {
      const counted = taken.filter(({ at }) => at > now - WINDOW_MS && at <= now);
      return counted.reduce((sum, { units }) => sum + units, 0) / (WINDOW_MS / 1_000);
    },
  };
}

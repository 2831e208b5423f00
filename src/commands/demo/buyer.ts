import { setTimeout as sleep } from 'node:timers/promises';
import type { InventoryUpdate } from '../../inventory/inventory.schema.js';
import type { Api } from './api.js';
import type { Participant } from './participants.js';
import type { LiveStock } from './live-stock.js';
import type { RunCounters } from './summary.js';

/** What every participant of a run uses. */
export interface Run {
  readonly api: Api;
  readonly dropId: string;
  readonly stock: LiveStock;
  readonly counters: RunCounters;
  readonly signal: AbortSignal;
}

interface Granted {
  readonly reservation: { readonly id: string };
}

/** The longest random delay before a purchase, and before a waiting buyer tries again. */
const MAX_PURCHASE_DELAY_MS = 1_500;
const MAX_RETRY_DELAY_MS = 500;

/** The refusals after which a buyer tries again, with their counters. */
const REFUSALS = { 'sold-out': 'soldOutResponses', 'drop-paused': 'pausedResponses' } as const;

/**
 * One buyer reserves a unit, and buys it or lets the hold expire. After a refusal the buyer follows the live stock and tries again
 * when a unit is free, until every unit is sold: even while the sale is paused, but then only once.
 */
export async function runBuyer(buyer: Participant, expires: () => boolean, run: Run): Promise<void> {
  const { api, dropId, stock, counters, signal } = run;
  while (!signal.aborted) {
    const started = performance.now();
    const { status, body } = await api.post('/api/reservations', buyer.token, { dropId });
    counters.latenciesMs.push(performance.now() - started);

    if (status === 201) {
      counters.holds += 1;
      if (expires()) {
        counters.expired += 1;
        return;
      }
      await sleep(Math.random() * MAX_PURCHASE_DELAY_MS);
      const bought = await api.post('/api/purchases', buyer.token, {
        reservationId: (body.data as Granted).reservation.id,
      });
      if (bought.status === 201) counters.purchases += 1;
      else counters.unexpected.push(`a purchase was answered ${bought.status} ${bought.body.code ?? ''}`);
      return;
    }
    const { code } = body;
    if (code !== 'sold-out' && code !== 'drop-paused') {
      counters.unexpected.push(`a reservation was answered ${status} ${code ?? ''}`);
      return;
    }
    counters[REFUSALS[code]] += 1;
    counters.waiting += 1;
    const isWorthATry = ({ availableStock, status: state }: InventoryUpdate) =>
      availableStock > 0 && (code === 'sold-out' || state !== 'paused');
    await stock.until((snapshot) => isWorthATry(snapshot) || isSold(snapshot), signal);
    counters.waiting -= 1;
    if (stock.newest && isSold(stock.newest)) return;
    await sleep(Math.random() * MAX_RETRY_DELAY_MS);
  }
}

function isSold({ soldStock, totalStock }: InventoryUpdate): boolean {
  return soldStock === totalStock;
}

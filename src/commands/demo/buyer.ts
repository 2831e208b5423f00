import { setTimeout as sleep } from 'node:timers/promises';
import type { InventoryUpdate } from '../../inventory/inventory.schema.js';
import type { Api } from './api.js';
import type { Player } from './cast.js';
import type { LiveStock } from './live-stock.js';
import type { Tally } from './request-counts.js';

interface Scene {
  readonly api: Api;
  readonly dropId: string;
  readonly stock: LiveStock;
  readonly tally: Tally;
  /** Ends the run, whatever is still missing. */
  readonly signal: AbortSignal;
}

/** ms. How long a buyer thinks before buying, and how far apart those who waited come back. */
const THINKING = 1_500;
const COMING_BACK = 500;

/**
 * One buyer: reserves, and buys or lets the hold lapse; who comes too late watches the live stock and tries again when a
 * unit comes back, until the drop is sold.
 */
export async function playBuyer(buyer: Player, lapses: () => boolean, scene: Scene): Promise<void> {
  const { api, dropId, stock, tally, signal } = scene;
  while (!signal.aborted) {
    const started = performance.now();
    const { status, body } = await api.post('/api/reservations', buyer.token, { dropId });
    tally.latencies.push(performance.now() - started);

    if (status === 201) {
      tally.holds += 1;
      if (lapses()) {
        tally.lapses += 1;
        return;
      }
      await sleep(Math.random() * THINKING);
      const bought = await api.post('/api/purchases', buyer.token, { reservationId: body.data?.reservation?.id });
      if (bought.status === 201) tally.purchases += 1;
      else tally.surprises.push(`a purchase was answered ${bought.status} ${bought.body.code ?? ''}`);
      return;
    }
    if (body.code !== 'sold-out') {
      tally.surprises.push(`a reservation was answered ${status} ${body.code ?? ''}`);
      return;
    }
    tally.soldOutAnswers += 1;
    tally.waiting += 1;
    await stock.until((picture) => picture.availableStock > 0 || isSold(picture), signal);
    tally.waiting -= 1;
    if (stock.newest && isSold(stock.newest)) return;
    await sleep(Math.random() * COMING_BACK);
  }
}

function isSold({ soldStock, totalStock }: InventoryUpdate): boolean {
  return soldStock === totalStock;
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { InventoryUpdate } from '../../inventory/inventory.schema.js';
import type { Participant } from './participants.js';
import type { LiveStock } from './live-stock.js';
import type { RunCounters } from './summary.js';

interface ResponseBody {
  readonly code?: string;
  readonly data?: { readonly id?: string; readonly reservation?: { readonly id: string } };
}

interface Api {
  /** Sends JSON with the token. Status 0 is a failed connection. */
  post(path: string, token: string, body: object): Promise<{ status: number; body: ResponseBody }>;
}

export function createApi(url: string): Api {
  return {
    async post(path, token, body) {
      try {
        const response = await fetch(url + path, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
          body: JSON.stringify(body),
        });
        return { status: response.status, body: (await response.json()) as ResponseBody };
      } catch (error) {
        return { status: 0, body: { code: String(error instanceof Error ? (error.cause ?? error) : error) } };
      }
    },
  };
}

interface Run {
  readonly api: Api;
  readonly dropId: string;
  readonly stock: LiveStock;
  readonly counters: RunCounters;
  readonly signal: AbortSignal;
}

/** The longest random delay before a purchase, and before a waiting buyer tries again. */
const MAX_PURCHASE_DELAY_MS = 1_500;
const MAX_RETRY_DELAY_MS = 500;

/**
 * One buyer reserves a unit, and buys it or lets the hold expire. While no unit is free, the buyer follows the live stock, and
 * tries again when a unit is reclaimed, until every unit is sold.
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
      const bought = await api.post('/api/purchases', buyer.token, { reservationId: body.data?.reservation?.id });
      if (bought.status === 201) counters.purchases += 1;
      else counters.unexpected.push(`a purchase was answered ${bought.status} ${bought.body.code ?? ''}`);
      return;
    }
    if (body.code !== 'sold-out') {
      counters.unexpected.push(`a reservation was answered ${status} ${body.code ?? ''}`);
      return;
    }
    counters.soldOutResponses += 1;
    counters.waiting += 1;
    await stock.until((snapshot) => snapshot.availableStock > 0 || isSold(snapshot), signal);
    counters.waiting -= 1;
    if (stock.newest && isSold(stock.newest)) return;
    await sleep(Math.random() * MAX_RETRY_DELAY_MS);
  }
}

function isSold({ soldStock, totalStock }: InventoryUpdate): boolean {
  return soldStock === totalStock;
}

import type { AuthenticatedUser } from '../../lib/auth/authenticate.js';
import { pageMeta } from '../../lib/validation/schema-primitives.js';
import type { CancellationSignal } from '../../lib/batcher.js';
import { replayHeaders, type IdempotencyHeaders } from '../../lib/http/idempotency.js';
import type { InventoryMetrics } from '../../inventory/inventory.metrics.js';
import { createOutcomeCounter } from '../../lib/outcome-counter.js';
import type { CreatePurchaseBody, ListPurchasesQuery } from './purchases.schema.js';
import type { PurchasesService } from './purchases.service.js';

interface CreateInput {
  readonly user: AuthenticatedUser;
  readonly body: CreatePurchaseBody;
  readonly headers: IdempotencyHeaders;
  readonly signal: CancellationSignal;
}

export function createPurchasesController(purchases: PurchasesService, metrics: InventoryMetrics) {
  const countPurchase = createOutcomeCounter(metrics.purchases, 'completed');
  return {
    async create({ user, body, headers, signal }: CreateInput) {
      const { purchase, replayed } = await countPurchase(
        purchases.purchase({
          user,
          reservationId: body.reservationId,
          idempotencyKey: headers['idempotency-key'],
          signal,
        }),
      );
      return { message: 'Purchase completed', data: purchase, headers: replayHeaders(replayed) };
    },

    async listMine({ user, query }: { user: AuthenticatedUser; query: ListPurchasesQuery }) {
      const { purchases: data, totalItems } = await purchases.listMine(user.id, query);
      return { message: 'Your purchases', data, meta: pageMeta(totalItems, query) };
    },
  };
}

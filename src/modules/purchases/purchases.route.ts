import { z } from 'zod';
import type { Config } from '../../lib/config/index.js';
import { defineRoute } from '../../lib/http/define-route.js';
import { PageMeta } from '../../lib/validation/schema-primitives.js';
import { IdempotencyHeaders } from '../../lib/http/idempotency.js';
import { STOCK_PROBLEMS } from '../../inventory/inventory-errors.js';
import { problems } from '../problems.js';
import type { InventoryMetrics } from '../../inventory/inventory.metrics.js';
import { createPurchasesController } from './purchases.controller.js';
import {
  CreatePurchaseBody,
  ListPurchasesQuery,
  PurchaseResponse,
  PurchaseWithDropResponse,
} from './purchases.schema.js';
import type { PurchasesService } from './purchases.service.js';

/** @param limits of a user. */
export function purchaseRoutes(
  service: PurchasesService,
  metrics: InventoryMetrics,
  limits: Pick<Config['http']['rateLimits'], 'purchase' | 'purchaseList'>,
) {
  const purchases = createPurchasesController(service, metrics);
  const tag = 'Purchases';

  return [
    defineRoute({
      method: 'post',
      path: '/api/purchases',
      operationId: 'createPurchase',
      tag,
      summary: 'Purchase the unit that a reservation holds',
      description: 'At the price that the drop had when it was reserved. Send an Idempotency-Key to repeat safely.',
      access: 'user',
      owner: {
        resource: 'reservation',
        id: 'body.reservationId',
        admin: false,
        refusal: STOCK_PROBLEMS['not-your-reservation'],
      },
      rateLimit: { name: 'purchase', per: 'user', ...limits.purchase },
      headers: IdempotencyHeaders,
      body: CreatePurchaseBody,
      success: { status: 201, description: 'The purchase.', data: PurchaseResponse },
      problems: problems(
        'idempotency-key-reused',
        'reservation-not-found',
        'reservation-expired',
        'reservation-settled',
        'outcome-unknown',
      ),
      handler: purchases.create,
    }),
    defineRoute({
      method: 'get',
      path: '/api/purchases/mine',
      operationId: 'listMyPurchases',
      tag,
      summary: 'List my purchases, newest first',
      description: 'Each with the name, the price and the image of its drop now. All, or those of one drop.',
      access: 'user',
      owner: 'caller',
      rateLimit: { name: 'purchase-list', per: 'user', ...limits.purchaseList },
      query: ListPurchasesQuery,
      success: {
        status: 200,
        description: 'A page of purchases, each with its drop.',
        data: z.array(PurchaseWithDropResponse),
        meta: PageMeta,
      },
      handler: purchases.listMine,
    }),
  ];
}

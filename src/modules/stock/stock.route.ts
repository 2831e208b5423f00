import { z } from 'zod';
import { defineRoute } from '../../lib/http/define-route.js';
import { IdempotencyHeaders } from '../../lib/http/idempotency.js';
import { DropParams, DropResponse } from '../drops/drops.schema.js';
import { problems } from '../problems.js';
import { createStockController } from './stock.controller.js';
import { ChangeStockBody, LedgerEntry, LedgerMeta, LedgerQuery } from './stock.schema.js';
import type { StockService } from './stock.service.js';

export function stockRoutes(service: StockService) {
  const stock = createStockController(service);
  const common = { access: 'admin', owner: 'none', params: DropParams } as const;

  return [
    defineRoute({
      ...common,
      method: 'post',
      path: '/api/drops/:id/stock',
      operationId: 'changeStock',
      tag: 'Drops',
      summary: 'Put units of a drop on sale, or take some off',
      description:
        'At any time before the drop ends. Units that are held or sold cannot be taken off. Send an Idempotency-Key to repeat safely: ' +
        'the same request again would change the stock again.',
      headers: IdempotencyHeaders,
      body: ChangeStockBody,
      success: { status: 200, description: 'The drop.', data: DropResponse },
      problems: problems(
        'drop-not-found',
        'drop-state',
        'stock-in-use',
        'stock-limit',
        'idempotency-key-reused',
        'outcome-unknown',
      ),
      handler: stock.change,
    }),
    defineRoute({
      ...common,
      method: 'get',
      path: '/api/admin/drops/:id/ledger',
      operationId: 'listLedger',
      tag: 'Drops',
      summary: 'Show every change of a drop: what, why and by whom',
      description:
        'In the order of versions. One movement may have several causes: a reservation may take the unit of a hold that expired. With ' +
        '`Accept: text/csv` the whole ledger is sent in CSV while it is read: if the connection closes before the end, it failed ' +
        'and may be repeated.',
      query: LedgerQuery,
      success: {
        status: 200,
        description: 'Movements of the drop.',
        data: z.array(LedgerEntry),
        meta: LedgerMeta,
        csv: 'A line for each movement, after a line with the names of the columns.',
      },
      problems: problems('drop-not-found'),
      handler: stock.ledger,
    }),
  ];
}

import type { AuthenticatedUser } from '../../lib/auth/authenticate.js';
import { replayHeaders, type IdempotencyHeaders } from '../../lib/http/idempotency.js';
import type { ChunkReader } from '../../lib/http/read-chunks.js';
import type { ChangeStockBody, LedgerQuery } from './stock.schema.js';
import type { StockService } from './stock.service.js';

interface OfDrop {
  readonly params: { readonly id: string };
}

interface ChangeInput extends OfDrop {
  readonly user: AuthenticatedUser;
  readonly body: ChangeStockBody;
  readonly headers: IdempotencyHeaders;
}

interface LedgerInput extends OfDrop, ChunkReader {
  readonly query: LedgerQuery;
  readonly wantsCsv: boolean;
}

export function createStockController(stock: StockService) {
  return {
    async change({ params, user, body, headers }: ChangeInput) {
      const { drop, replayed } = await stock.change({
        dropId: params.id,
        delta: body.delta,
        reason: body.reason ?? null,
        actorId: user.id,
        idempotencyKey: headers['idempotency-key'],
      });
      return { message: 'Stock changed', data: drop, headers: replayHeaders(replayed) };
    },

    async ledger({ params, query, wantsCsv, limitRead, signal }: LedgerInput) {
      if (wantsCsv) return { csv: await stock.ledgerCsv(params.id, query, { limitRead, signal }) };
      const { entries: data, next } = await stock.ledger(params.id, query);
      return { message: 'Ledger', data, meta: { next } };
    },
  };
}

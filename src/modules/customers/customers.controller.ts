import type { ChunkReader } from '../../lib/http/read-chunks.js';
import { pageMeta } from '../../lib/validation/schema-primitives.js';
import type { ListDropPurchasesQuery, ListDropReservationsQuery } from './customers.schema.js';
import type { CustomersService } from './customers.service.js';

interface ListInput<Query> extends ChunkReader {
  readonly params: { readonly id: string };
  readonly query: Query;
  readonly wantsCsv: boolean;
}

export function createCustomersController(customers: CustomersService) {
  return {
    async reservations({ params: { id }, query, wantsCsv, ...reader }: ListInput<ListDropReservationsQuery>) {
      if (wantsCsv) return { csv: await customers.reservations.csv(id, query, reader) };
      const { items: data, totalItems } = await customers.reservations.page(id, query);
      return { message: 'Reservations of the drop', data, meta: pageMeta(totalItems, query) };
    },

    async purchases({ params: { id }, query, wantsCsv, ...reader }: ListInput<ListDropPurchasesQuery>) {
      if (wantsCsv) return { csv: await customers.purchases.csv(id, query, reader) };
      const { items: data, totalItems } = await customers.purchases.page(id, query);
      return { message: 'Purchases of the drop', data, meta: pageMeta(totalItems, query) };
    },
  };
}

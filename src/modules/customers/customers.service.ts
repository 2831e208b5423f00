import { ReservationStatus } from '../../generated/prisma/enums.js';
import { DropNotFoundError } from '../../inventory/inventory-errors.js';
import { createBatcher } from '../../lib/batcher.js';
import type { Database } from '../../lib/db/database.js';
import { csvOf, type CsvTable } from '../../lib/http/csv.js';
import { CHUNK_SIZE, readChunks, type ChunkReader } from '../../lib/http/read-chunks.js';
import { toIsoOrNull } from '../../lib/time.js';
import { toPurchaseResponse } from '../purchases/purchases.schema.js';
import { toReservationResponse } from '../reservations/reservations.schema.js';
import {
  findListTotals,
  findPurchases,
  findReservations,
  searchPurchases,
  searchReservations,
  type ListedPurchase,
  type ListedReservation,
  type ListRange,
  type ListTotals,
} from './customers.queries.js';
import type {
  ListDropPurchasesQuery,
  ListDropReservationsQuery,
  PurchaseWithUserResponse,
  ReservationWithUserResponse,
} from './customers.schema.js';

interface CustomersDependencies {
  readonly db: Database;
  /** How long a search may wait, as in {@link createBatcher}. */
  readonly queueTimeoutMs?: number | undefined;
}

interface Page<Item> {
  readonly items: Item[];
  /** On all pages. */
  readonly totalItems: number;
}

/** The members of a query that all lists have. */
type ListQuery = ListDropPurchasesQuery;

/** What distinguishes one list of a drop from another. */
interface ListSource<Query extends ListQuery, Row extends ListedReservation | ListedPurchase, Item> {
  readonly name: string;
  find(dropId: string, query: Query, range: ListRange): Promise<Row[]>;
  search(
    dropId: string,
    query: Query,
    range: { readonly q: string; readonly offset: number; readonly limit: number },
  ): Promise<{ readonly rows: Row[]; readonly totalItems: number }>;
  /** The rows of all pages, unless there is a search. */
  totalOf(totals: ListTotals, query: Query): number;
  toItem(row: Row): Item;
  readonly columns: CsvTable<Row>['columns'];
}

/** Items that a page passes in a few milliseconds. What lies behind them takes longer the more there is. */
const NEAR_ITEMS = 10_000;
/** With a limit, searches and distant pages cannot take the connections of other requests. */
const MAX_CONCURRENT_LONG_READS = 2;
/** Requests for the same page that share a query. */
const MAX_REQUESTS_PER_READ = 1_000;

/** Whether a page is read with a limit of its own: a search reads every item. */
export function isLongRead({ q, page, pageSize }: ListQuery): boolean {
  return q !== undefined || page * pageSize > NEAR_ITEMS;
}

export type CustomersService = ReturnType<typeof createCustomersService>;

/** Creates the use cases of an admin who looks at the customers of a drop: who reserved it and who bought it. */
export function createCustomersService({ db, queueTimeoutMs }: CustomersDependencies) {
  const longReads = createBatcher<() => Promise<Page<unknown>>, Page<unknown>>({
    maxBatchSize: MAX_REQUESTS_PER_READ,
    maxRunning: MAX_CONCURRENT_LONG_READS,
    queueTimeoutMs,
    async run(_key, [read, ...others]) {
      if (!read) return [];
      const page = await read();
      return [page, ...others.map(() => page)];
    },
  });

  async function totalsOf(dropId: string): Promise<ListTotals> {
    const totals = await findListTotals(db, dropId);
    if (!totals) throw new DropNotFoundError();
    return totals;
  }

  function createList<Query extends ListQuery, Row extends ListedReservation | ListedPurchase, Item>(
    source: ListSource<Query, Row, Item>,
  ) {
    async function readPage(dropId: string, query: Query): Promise<Page<Item>> {
      const { q, page, pageSize: limit } = query;
      const offset = (page - 1) * limit;
      const totals = await totalsOf(dropId);
      const { rows, totalItems } =
        q === undefined
          ? { rows: await source.find(dropId, query, { offset, limit }), totalItems: source.totalOf(totals, query) }
          : await source.search(dropId, query, { q, offset, limit });
      return { items: rows.map(source.toItem), totalItems };
    }

    return {
      /**
       * One page, newest first.
       *
       * @throws {DropNotFoundError}
       * @throws {OverloadedError} too many searches or distant pages wait.
       */
      async page(dropId: string, query: Query): Promise<Page<Item>> {
        const read = () => readPage(dropId, query);
        if (!isLongRead(query)) return read();
        return (await longReads.submit(JSON.stringify([source.name, dropId, query]), read)) as Page<Item>;
      },

      /**
       * All items that match, newest first, in CSV: read while it is sent. Each row is as it was when its chunk was read.
       *
       * @throws {DropNotFoundError}
       */
      async csv(dropId: string, query: Query, reader: ChunkReader) {
        await totalsOf(dropId);
        const chunks = readChunks(reader, (after?: Row) => source.find(dropId, query, { after, limit: CHUNK_SIZE }));
        return csvOf({ fileName: `${source.name}-${dropId}.csv`, columns: source.columns, chunks: matchesOf(chunks) });
      },
    };
  }

  return {
    reservations: createList<ListDropReservationsQuery, ListedReservation, ReservationWithUserResponse>({
      name: 'reservations',
      find: (dropId, query, range) => findReservations(db, { dropId, statuses: statusesOf(query), q: query.q }, range),
      search: (dropId, query, range) => searchReservations(db, { dropId, statuses: statusesOf(query) }, range),
      totalOf: (totals, query) => statusesOf(query).reduce((sum, status) => sum + totals[status], 0),
      toItem: (row) => ({
        ...toReservationResponse(row),
        settledAt: toIsoOrNull(row.settledAt),
        currency: row.currency,
        user: row.user,
      }),
      columns: {
        id: (row) => row.id,
        status: (row) => row.status,
        createdAt: (row) => new Date(row.createdAt),
        expiresAt: (row) => new Date(row.expiresAt),
        settledAt: (row) => row.settledAt && new Date(row.settledAt),
        price: (row) => row.price,
        currency: (row) => row.currency,
        userId: (row) => row.user.id,
        username: (row) => row.user.username,
        email: (row) => row.user.email,
      },
    }),
    purchases: createList<ListDropPurchasesQuery, ListedPurchase, PurchaseWithUserResponse>({
      name: 'purchases',
      find: (dropId, { q }, range) => findPurchases(db, { dropId, q }, range),
      search: (dropId, _query, range) => searchPurchases(db, { dropId }, range),
      totalOf: ({ completed }) => completed,
      toItem: (row) => ({ ...toPurchaseResponse(row), currency: row.currency, user: row.user }),
      columns: {
        id: (row) => row.id,
        createdAt: (row) => new Date(row.createdAt),
        price: (row) => row.price,
        currency: (row) => row.currency,
        reservationId: (row) => row.reservationId,
        userId: (row) => row.user.id,
        username: (row) => row.user.username,
        email: (row) => row.user.email,
      },
    }),
  };
}

function statusesOf({ status }: ListDropReservationsQuery): readonly ReservationStatus[] {
  return status ? [status] : Object.values(ReservationStatus);
}

async function* matchesOf<Row extends { readonly isMatch: boolean }>(chunks: AsyncIterable<Row[]>) {
  for await (const rows of chunks) yield rows.filter(({ isMatch }) => isMatch);
}

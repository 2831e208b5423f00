import { ReservationStatus } from '../../generated/prisma/enums.js';
import { DropNotFoundError } from '../../inventory/inventory-errors.js';
import { dropExists } from '../../inventory/queries/drop.queries.js';
import { createBatcher } from '../../lib/batcher.js';
import type { Database } from '../../lib/db/database.js';
import { csvOf, type CsvTable } from '../../lib/http/csv.js';
import { CHUNK_SIZE, readChunks, type ChunkReader } from '../../lib/http/read-chunks.js';
import { toIsoOrNull } from '../../lib/time.js';
import { createTtlCache } from '../../lib/ttl-cache.js';
import { toPurchaseResponse } from '../purchases/purchases.schema.js';
import { toReservationResponse } from '../reservations/reservations.schema.js';
import {
  countPurchases,
  countReservations,
  findPurchases,
  findReservations,
  searchPurchases,
  searchReservations,
  type ListedPurchase,
  type ListedReservation,
  type ListRange,
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
  /** Counts the rows of all pages, and stops at `max`. */
  count(dropId: string, query: Query, max: number): Promise<number>;
  toItem(row: Row): Item;
  readonly columns: CsvTable<Row>['columns'];
}

/**
 * The first items of a list: a page among them, and their number, cost a few milliseconds. What lies behind them takes longer the
 * more there is, and so does a search, which reads every item.
 */
const NEAR_ITEMS = 10_000;
const ALL_ITEMS = 2 ** 31 - 1;
/** With a limit, searches and distant pages cannot take the connections of other requests. */
const MAX_CONCURRENT_LONG_READS = 2;
/** Requests for the same page that share a query. */
const MAX_REQUESTS_PER_READ = 1_000;
/** For how long the number of a list's items is kept if it is higher than {@link NEAR_ITEMS}. */
export const LONG_COUNT_MAX_AGE_MS = 5_000;
const MAX_LONG_COUNTS = 1_000;

/** Whether a page is read with a limit of its own. */
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
  const longCounts = createTtlCache<number>({ maxAgeMs: LONG_COUNT_MAX_AGE_MS, maxEntries: MAX_LONG_COUNTS });

  async function assertExists(dropId: string): Promise<void> {
    if (!(await dropExists(db, dropId))) throw new DropNotFoundError();
  }

  function createList<Query extends ListQuery, Row extends ListedReservation | ListedPurchase, Item>(
    source: ListSource<Query, Row, Item>,
  ) {
    const keyOf = (dropId: string, query: object) => JSON.stringify([source.name, dropId, query]);

    async function count(dropId: string, query: Query): Promise<number> {
      const counted = await source.count(dropId, query, NEAR_ITEMS + 1);
      if (counted <= NEAR_ITEMS) return counted;
      const key = keyOf(dropId, { ...query, page: undefined, pageSize: undefined });
      return longCounts.get(key, () => source.count(dropId, query, ALL_ITEMS));
    }

    async function readPage(dropId: string, query: Query): Promise<Page<Item>> {
      const { q, page, pageSize: limit } = query;
      const offset = (page - 1) * limit;
      if (q !== undefined) {
        const { rows, totalItems } = await source.search(dropId, query, { q, offset, limit });
        return { items: rows.map(source.toItem), totalItems };
      }
      const [rows, totalItems] = await Promise.all([
        source.find(dropId, query, { offset, limit }),
        count(dropId, query),
      ]);
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
        const page = isLongRead(query)
          ? ((await longReads.submit(keyOf(dropId, query), read)) as Page<Item>)
          : await read();
        if (page.totalItems === 0) await assertExists(dropId);
        return page;
      },

      /**
       * All items that match, newest first, in CSV: read while it is sent. Each row is as it was when its chunk was read.
       *
       * @throws {DropNotFoundError}
       */
      async csv(dropId: string, query: Query, reader: ChunkReader) {
        await assertExists(dropId);
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
      count: (dropId, query, max) => countReservations(db, { dropId, statuses: statusesOf(query) }, max),
      toItem: (row) => ({ ...toReservationResponse(row), settledAt: toIsoOrNull(row.settledAt), user: row.user }),
      columns: {
        id: (row) => row.id,
        status: (row) => row.status,
        createdAt: (row) => new Date(row.createdAt),
        expiresAt: (row) => new Date(row.expiresAt),
        settledAt: (row) => row.settledAt && new Date(row.settledAt),
        price: (row) => row.price,
        userId: (row) => row.user.id,
        username: (row) => row.user.username,
        email: (row) => row.user.email,
      },
    }),
    purchases: createList<ListDropPurchasesQuery, ListedPurchase, PurchaseWithUserResponse>({
      name: 'purchases',
      find: (dropId, { q }, range) => findPurchases(db, { dropId, q }, range),
      search: (dropId, _query, range) => searchPurchases(db, { dropId }, range),
      count: (dropId, _query, max) => countPurchases(db, { dropId }, max),
      toItem: (row) => ({ ...toPurchaseResponse(row), user: row.user }),
      columns: {
        id: (row) => row.id,
        createdAt: (row) => new Date(row.createdAt),
        price: (row) => row.price,
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

import { changeStock, type StockRequest } from '../../inventory/change-stock.js';
import { DropNotFoundError } from '../../inventory/inventory-errors.js';
import type { StockTransactions } from '../../inventory/stock-transaction.js';
import { createBatcher } from '../../lib/batcher.js';
import type { Database } from '../../lib/db/database.js';
import { csvOf } from '../../lib/http/csv.js';
import { CHUNK_SIZE, readChunks, type ChunkReader } from '../../lib/http/read-chunks.js';
import { toIso } from '../../lib/time.js';
import type { DropResponse } from '../drops/drops.schema.js';
import { dropExists, findLedger, type LedgerRow } from './stock.queries.js';
import { limitOf, type LedgerEntry, type LedgerQuery } from './stock.schema.js';

interface StockDependencies {
  readonly db: Database;
  readonly stockTransactions: StockTransactions;
  /** Reads drops as the API shows them, drafts as well. */
  readonly getDrops: (ids: readonly string[]) => Promise<DropResponse[]>;
  /** How long a change may wait, as in {@link createBatcher}. */
  readonly queueTimeoutMs?: number | undefined;
}

/** Changes of different drops at a time; each takes a connection. Those of one drop take turns, as its lock makes them. */
const MAX_CONCURRENT_CHANGES = 2;

export type StockService = ReturnType<typeof createStockService>;

/** Creates the use cases of an admin that concern the units of a drop. */
export function createStockService({ db, stockTransactions, getDrops, queueTimeoutMs }: StockDependencies) {
  const changes = createBatcher<StockRequest, boolean>({
    maxBatchSize: 1,
    maxRunning: MAX_CONCURRENT_CHANGES,
    queueTimeoutMs,
    run: (_dropId, requests) => Promise.all(requests.map((request) => changeStock(stockTransactions, request))),
  });

  async function assertExists(dropId: string): Promise<void> {
    if (!(await dropExists(db, dropId))) throw new DropNotFoundError();
  }

  return {
    /**
     * Puts units on sale, or takes some off.
     *
     * @throws as {@link changeStock}.
     */
    async change(request: StockRequest): Promise<{ readonly drop: DropResponse; readonly replayed: boolean }> {
      const replayed = await changes.submit(request.dropId, request);
      const [drop] = await getDrops([request.dropId]);
      if (!drop) throw new DropNotFoundError();
      return { drop, replayed };
    },

    /** A page of the ledger in the order of versions, and the version after which the next one begins. @throws {DropNotFoundError} */
    async ledger(dropId: string, query: LedgerQuery) {
      const limit = limitOf(query);
      const rows = await findLedger(db, dropId, { after: query.after ?? 0, limit });
      if (rows.length === 0) await assertExists(dropId);
      const next = rows.length < limit ? null : (rows.at(-1)?.version ?? null);
      return { entries: rows.map(toLedgerEntry), next };
    },

    /** The ledger in CSV, read while it is sent. @throws {DropNotFoundError} */
    async ledgerCsv(dropId: string, { after = 0, limit }: LedgerQuery, reader: ChunkReader) {
      await assertExists(dropId);
      const find = (last?: LedgerRow) =>
        findLedger(db, dropId, { after: last?.version ?? after, limit: limit ?? CHUNK_SIZE });
      const chunks = limit === undefined ? readChunks(reader, find) : oneChunk(find);
      return csvOf({ fileName: `ledger-${dropId}.csv`, columns: CSV_COLUMNS, chunks });
    },
  };
}

async function* oneChunk<Row>(find: () => Promise<Row[]>): AsyncGenerator<Row[]> {
  yield await find();
}

function toLedgerEntry(row: LedgerRow): LedgerEntry {
  return { ...row, createdAt: toIso(row.createdAt) };
}

const CSV_COLUMNS = {
  version: (row: LedgerRow) => row.version,
  createdAt: (row: LedgerRow) => new Date(row.createdAt),
  cause: (row: LedgerRow) => row.cause,
  reserved: (row: LedgerRow) => row.reserved,
  purchased: (row: LedgerRow) => row.purchased,
  expired: (row: LedgerRow) => row.expired,
  released: (row: LedgerRow) => row.released,
  added: (row: LedgerRow) => row.added,
  availableStock: (row: LedgerRow) => row.availableStock,
  reservedStock: (row: LedgerRow) => row.reservedStock,
  soldStock: (row: LedgerRow) => row.soldStock,
  totalStock: (row: LedgerRow) => row.totalStock,
  actorId: (row: LedgerRow) => row.actor?.id ?? null,
  actor: (row: LedgerRow) => row.actor?.username ?? null,
  role: (row: LedgerRow) => row.role,
  reason: (row: LedgerRow) => row.reason,
  changed: (row: LedgerRow) => row.changed && JSON.stringify(row.changed),
};

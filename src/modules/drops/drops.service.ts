import { hash } from 'node:crypto';
import { insertDrop } from '../../inventory/queries/drop.queries.js';
import { createBatchLoader } from '../../lib/batch-loader.js';
import { createBatcher } from '../../lib/batcher.js';
import type { Database, Transaction } from '../../lib/db/database.js';
import { refuseViolations } from '../../lib/db/database-errors.js';
import { inTransaction } from '../../lib/db/transaction.js';
import { DropNotFoundError } from '../../inventory/inventory-errors.js';
import {
  AccountGoneError,
  IdempotencyKeyReusedError,
  OverloadedError,
  ValidationError,
} from '../../lib/errors/index.js';
import { JsonText } from '../../lib/http/json-text.js';
import type { Metrics } from '../../lib/metrics.js';
import type { Publish } from '../../lib/publish.js';
import { timeOrderedId } from '../../lib/time-ordered-id.js';
import { findCreatedDrop, findDropPage, findDrops, findMovements, type CreatedDrop } from './drops.queries.js';
import {
  toDropResponse,
  type CreateDropBody,
  type DropEvents,
  type DropOrder,
  type DropResponse,
  type DropResponseSettings,
  type ListAllDropsQuery,
  type ListDropsQuery,
} from './drops.schema.js';
import { findStorefrontPage } from './storefront.queries.js';
import type { MovementResponse, MovementsQuery } from './movements.schema.js';

interface DropsDependencies extends DropResponseSettings {
  readonly db: Database;
  readonly publish: Publish<DropEvents>;
  readonly metrics: Metrics;
  /** How long a read may wait, as in {@link createBatcher}. */
  readonly queueTimeoutMs?: number | undefined;
}

interface CreateInput {
  readonly body: CreateDropBody;
  /** Id of the admin. */
  readonly createdBy: string;
  readonly idempotencyKey: string | null;
}

/** Whom a read is for. */
export interface ReadOptions {
  /** Only admins see drafts: for others, they do not exist. */
  readonly withDrafts?: boolean;
}

type PageQuery = Omit<ListAllDropsQuery, 'sort'> & Required<ReadOptions> & { readonly sort: DropOrder | 'storefront' };

/** A drop, and whether an earlier request with the same key created it. */
interface CreateResult {
  readonly drop: DropResponse;
  readonly replayed: boolean;
}

/**
 * A search reads every name, because PostgreSQL has no index for text in the middle of another one without an extension. It
 * takes longer the more drops there are, and longer still if their names are not ASCII. One after the other, searches keep one
 * core of PostgreSQL busy at most, and one connection.
 */
const MAX_CONCURRENT_SEARCHES = 1;
/** Requests for the same search that share a query. */
const MAX_REQUESTS_PER_SEARCH = 1_000;
/** Drops that one query reads: a millisecond or two of the process. */
const MAX_DROPS_PER_READ = 100;

/** A drop as a read found it, for all requests that share the read. */
interface DropRead {
  readonly drop: DropResponse;
  readonly json: JsonText<DropResponse>;
}

export type DropsService = ReturnType<typeof createDropsService>;

export function createDropsService(dependencies: DropsDependencies) {
  const { db, publish, metrics, publicUrl, holdSeconds, queueTimeoutMs } = dependencies;
  const settings = { publicUrl, holdSeconds };

  function findPage({ sort, ...query }: PageQuery) {
    const { status } = query;
    if (sort !== 'storefront') return findDropPage(db, { ...query, sort });
    // Neither is in the storefront; they are listed as everywhere.
    if (status === 'cancelled' || status === 'draft') return findDropPage(db, { ...query, sort: 'newest' });
    return findStorefrontPage(db, { ...query, status });
  }

  async function readPage(query: PageQuery) {
    const { drops, totalItems } = await findPage(query);
    return { drops: drops.map((row) => toDropResponse(row, settings)), totalItems };
  }

  async function readDrops(ids: readonly string[]): Promise<DropResponse[]> {
    return (await findDrops(db, ids)).map((row) => toDropResponse(row, settings));
  }

  const searches = createBatcher<PageQuery, Awaited<ReturnType<typeof readPage>>>({
    maxBatchSize: MAX_REQUESTS_PER_SEARCH,
    maxRunning: MAX_CONCURRENT_SEARCHES,
    queueTimeoutMs,
    async run(_key, [query, ...others]) {
      if (!query) return [];
      const page = await readPage(query);
      return [page, ...others.map(() => page)];
    },
  });

  async function listPage(query: PageQuery) {
    return query.q === undefined ? readPage(query) : searches.submit(JSON.stringify(query), query);
  }

  /** See docs/adr/0042. */
  const loadDrop = createBatchLoader<DropRead | null>({
    name: 'drop-read',
    metrics,
    queueTimeoutMs,
    async find(ids) {
      const distinct = [...new Set(ids)];
      const found = new Map<string, DropRead>();
      for (let from = 0; from < distinct.length; from += MAX_DROPS_PER_READ) {
        for (const drop of await readDrops(distinct.slice(from, from + MAX_DROPS_PER_READ))) {
          found.set(drop.id, { drop, json: new JsonText(JSON.stringify(drop)) });
        }
      }
      return ids.map((id) => found.get(id) ?? null);
    },
  });

  async function readDrop(id: string, { withDrafts = false }: ReadOptions = {}): Promise<DropRead> {
    const read = await loadDrop(id);
    if (!read || (read.drop.status === 'draft' && !withDrafts)) throw new DropNotFoundError();
    return read;
  }

  return {
    /**
     * One page of published drops, newest first or in the order of the storefront; the id breaks ties.
     *
     * @throws {OverloadedError} too many searches by name wait.
     */
    list: (query: ListDropsQuery) => listPage({ ...query, withDrafts: false }),

    /** The same of all drops, drafts as well, in any order. */
    listAll: (query: ListAllDropsQuery) => listPage({ ...query, withDrafts: true }),

    /**
     * One drop, as a read found it that began after the call; concurrent calls share a read.
     *
     * @param id in lower case.
     * @throws {DropNotFoundError | OverloadedError}
     */
    get: async (id: string): Promise<DropResponse> => (await readDrop(id)).drop,

    /** The same as JSON: one object for all calls that share a read. */
    getJson: async (id: string, options?: ReadOptions): Promise<JsonText<DropResponse>> =>
      (await readDrop(id, options)).json,

    /** The drops with these ids that exist, drafts as well, in any order. */
    getMany: readDrops,

    /** The stock of a drop over time, oldest first, and how many movements that covers. @throws {DropNotFoundError} */
    async movements(id: string, query: MovementsQuery, { withDrafts = false }: ReadOptions = {}) {
      const { movements, totalItems } = await findMovements(db, id, query, { withDrafts });
      if (totalItems === null) throw new DropNotFoundError();
      return { movements: new JsonText<MovementResponse[]>(movements), totalItems };
    },

    /**
     * Creates a drop with all of its units available, and publishes it unless it is a draft. Times that are left out are the
     * database's. With a key that the admin used before for the same request, returns that drop as it is now.
     *
     * @throws {IdempotencyKeyReusedError} the key was used for another request.
     * @throws {ValidationError | AccountGoneError | UnavailableError | OverloadedError | OutcomeUnknownError}
     */
    async create({ body, createdBy, idempotencyKey }: CreateInput): Promise<CreateResult> {
      const id = timeOrderedId();
      const requestHash = idempotencyKey === null ? null : hashOf(body);
      const request = { createdBy, idempotencyKey, requestHash };

      async function findOrCreate(tx: Transaction, mayHaveCommitted: boolean): Promise<CreatedDrop> {
        if (idempotencyKey !== null || mayHaveCommitted) {
          // Before the INSERT, which would be refused if the drop's end has passed since the first request.
          const earlier = await findCreatedDrop(tx, { id, ...request });
          if (earlier) return earlier;
        }
        const created = await insertDrop(tx, { id, ...body, ...request });
        if (created) return { ...created, topPurchasers: [], requestHash };
        // The INSERT waited for a transaction with the same key or id, which then committed.
        const concurrent = await findCreatedDrop(tx, { id, ...request });
        if (!concurrent) throw new OverloadedError();
        return concurrent;
      }

      const row = await inTransaction(db, findOrCreate, { idempotent: true }).catch(explainViolation);
      if (row.requestHash !== requestHash) throw new IdempotencyKeyReusedError();
      const drop = toDropResponse(row, settings);
      const replayed = drop.id !== id;
      if (!replayed) publish(drop.status === 'draft' ? 'drop_update' : 'new_drop', drop);
      return { drop, replayed };
    },
  };
}

/** The hash of a request: independent of the order of its members, and a member that is null is as if it were left out. */
function hashOf(body: CreateDropBody): string {
  const given = Object.entries<unknown>(body).filter(([, value]) => value !== null && value !== undefined);
  return hash('sha256', JSON.stringify(given.sort(([a], [b]) => (a < b ? -1 : 1))), 'hex');
}

const explainViolation = refuseViolations({
  // If the start is left out, only the database can compare it with the end.
  drops_ends_after_start: () =>
    new ValidationError([{ path: 'body.dropEndsAt', message: 'must be after the start', label: 'The end' }]),
  drops_created_by_fkey: () => new AccountGoneError(),
});

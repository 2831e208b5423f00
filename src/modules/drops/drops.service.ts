import { Prisma } from '../../generated/prisma/client.js';
import type { Publish } from '../../lib/publish.js';
import { createBatcher } from '../../lib/batcher.js';
import type { Database } from '../../lib/db/database.js';
import { inTransaction } from '../../lib/db/transaction.js';
import { IdempotencyKeyReusedError } from '../../lib/errors/index.js';
import { DropNotFoundError } from '../../inventory/inventory-errors.js';
import { absoluteUrl } from '../../lib/http/absolute-url.js';
import { DROP_COLUMNS, toInventoryUpdate } from '../../inventory/drop-row.js';
import { timeOrderedId } from '../../lib/time-ordered-id.js';
import { toIso, toIsoOrNull } from '../../lib/time.js';
import { createOnce, explainViolation, hashOf, type CreateRequest } from './drops.create-once.js';
import { readMovements } from './drops.movements.js';
import { TOP_PURCHASERS, type DropWithPurchasers } from './drops.queries.js';
import type { DropEvents, DropResponse, ListDropsQuery, MovementsQuery } from './drops.schema.js';

interface DropsDependencies {
  readonly db: Database;
  readonly publish: Publish<DropEvents>;
  /** Completes the path of a picture on this server. */
  readonly publicUrl: string;
}

/** A drop, and whether it was created by an earlier request with the same key. */
interface CreateResult {
  readonly drop: DropResponse;
  readonly replayed: boolean;
}

const ANY = Prisma.sql`true`;

/**
 * A search reads every name, since without an extension PostgreSQL has no index for what stands in the middle of a text: 40 ms
 * for a hundred thousand drops, and up to 400 ms if all of their names have characters beyond ASCII. So two searches run at
 * once and others wait, and searches cannot take the connections of other requests.
 */
const SEARCHES_AT_ONCE = 2;
/** Of the same words. */
const CALLS_PER_SEARCH = 1_000;

export type DropsService = ReturnType<typeof createDropsService>;

export function createDropsService({ db, publish, publicUrl }: DropsDependencies) {
  function present(row: DropWithPurchasers): DropResponse {
    const { dropId: id, ...stock } = toInventoryUpdate(row);
    return {
      id,
      name: row.name,
      price: row.price.toFixed(2),
      ...stock,
      limitPerUser: row.limitPerUser,
      imageUrl: absoluteUrl(row.imageUrl, publicUrl),
      dropStartsAt: toIso(row.dropStartsAt),
      dropEndsAt: toIsoOrNull(row.dropEndsAt),
      createdAt: toIso(row.createdAt),
      updatedAt: toIso(row.updatedAt),
      topPurchasers: row.topPurchasers.map(({ id: purchaseId, username, purchasedAt }) => ({
        id: purchaseId,
        username,
        purchasedAt: toIso(purchasedAt),
      })),
    };
  }

  async function readPage({ page, pageSize, status, q }: ListDropsQuery) {
    const hasState = status ? Prisma.sql`drop_status(d) = ${status}` : ANY;
    const hasInName = q === undefined ? ANY : Prisma.sql`strpos(search_key(d.name), search_key(${q})) > 0`;
    const filter = Prisma.sql`WHERE ${hasState} AND ${hasInName}`;
    const [counted, rows] = await Promise.all([
      db.$queryRaw<[{ totalItems: number }]>`SELECT count(*)::int AS "totalItems" FROM drops d ${filter}`,
      db.$queryRaw<DropWithPurchasers[]>`
        SELECT ${DROP_COLUMNS}, coalesce(purchasers.list, '[]') AS "topPurchasers"
        FROM (SELECT * FROM drops d ${filter}
              ORDER BY d.created_at DESC, d.id DESC
              LIMIT ${pageSize} OFFSET ${(page - 1) * pageSize}) d
        ${TOP_PURCHASERS}
        ORDER BY d.created_at DESC, d.id DESC`,
    ]);
    return { drops: rows.map(present), totalItems: counted[0].totalItems };
  }

  async function readDrops(ids: readonly string[]): Promise<DropResponse[]> {
    const rows = await db.$queryRaw<DropWithPurchasers[]>`
      SELECT ${DROP_COLUMNS}, coalesce(purchasers.list, '[]') AS "topPurchasers"
      FROM drops d ${TOP_PURCHASERS}
      WHERE d.id = ANY(${ids}::uuid[])`;
    return rows.map(present);
  }

  const searches = createBatcher<ListDropsQuery, Awaited<ReturnType<typeof readPage>>>({
    maxBatch: CALLS_PER_SEARCH,
    maxRunning: SEARCHES_AT_ONCE,
    async run(_key, [query, ...others]) {
      if (!query) return [];
      const found = await readPage(query);
      return [found, ...others.map(() => found)];
    },
  });

  return {
    /**
     * One page of drops, newest first; the id breaks ties.
     *
     * @throws {OverloadedError} too many search by name at once.
     */
    async list(query: ListDropsQuery) {
      return query.q === undefined ? readPage(query) : searches.submit(JSON.stringify(query), query);
    },

    /** One drop. @throws {DropNotFoundError} */
    async get(id: string): Promise<DropResponse> {
      const [drop] = await readDrops([id]);
      if (!drop) throw new DropNotFoundError();
      return drop;
    },

    /** Those of the drops that exist, in any order. */
    getMany: readDrops,

    /** The stock of a drop over time, in `limit` movements at most, oldest first. @throws {DropNotFoundError} */
    async movements(id: string, query: MovementsQuery) {
      const found = await readMovements(db, id, query);
      if (found.movements.length === 0) throw new DropNotFoundError();
      return found;
    },

    /**
     * Creates a drop, with all of its units free, and publishes it. Times left out are the database's. With a key that the
     * admin used before for the same request: that drop as it is now.
     *
     * @throws {IdempotencyKeyReusedError} the key was used for another request.
     * @throws {ValidationError | AccountGoneError | UnavailableError | OverloadedError | OutcomeUnknownError}
     */
    async create(input: Pick<CreateRequest, 'body' | 'createdBy' | 'idempotencyKey'>): Promise<CreateResult> {
      const requestHash = input.idempotencyKey === null ? null : hashOf(input.body);
      const request = { ...input, id: timeOrderedId(), requestHash };
      const row = await inTransaction(db, (tx, mayHaveCommitted) => createOnce(tx, request, mayHaveCommitted), {
        idempotent: true,
      }).catch(explainViolation);
      if (row.requestHash !== requestHash) throw new IdempotencyKeyReusedError();
      const drop = present(row);
      const replayed = drop.id !== request.id;
      if (!replayed) publish('new_drop', drop);
      return { drop, replayed };
    },
  };
}

import { Prisma } from '../../generated/prisma/client.js';
import type { Announce } from '../../lib/announce.js';
import { createBatcher } from '../../lib/batcher.js';
import type { Database } from '../../lib/db/database.js';
import { inTransaction } from '../../lib/db/transaction.js';
import { violatedConstraint } from '../../lib/db/database-errors.js';
import { DropNotFoundError, ValidationError } from '../../lib/errors/index.js';
import { absoluteUrl } from '../../lib/http/absolute-url.js';
import { DROP_COLUMNS, toInventoryUpdate, type DropRow } from '../../lib/stock/drop-row.js';
import { toIso, toIsoOrNull } from '../../lib/time.js';
import { readMovements } from './drops.movements.js';
import type { CreateDropBody, DropEvents, DropResponse, ListDropsQuery, MovementsQuery } from './drops.schema.js';

interface DropsDependencies {
  readonly db: Database;
  readonly announce: Announce<DropEvents>;
  /** Completes the path of a picture on this server. */
  readonly publicUrl: string;
}

type DropWithPurchasers = DropRow & { topPurchasers: { username: string; purchasedAt: string }[] };

// For each drop, LATERAL reads the first three entries of purchases_drop_id_created_at_id_idx and stops, however many there
// are: their order is the index's. A join over all purchases, or Prisma's nested take, reads every one.
const TOP_PURCHASERS = Prisma.sql`
  LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object('username', latest.username, 'purchasedAt', latest.created_at)
                     ORDER BY latest.created_at DESC, latest.id DESC) AS list
    FROM (SELECT u.username, p.created_at, p.id
          FROM purchases p JOIN users u ON u.id = p.user_id
          WHERE p.drop_id = d.id
          ORDER BY p.created_at DESC, p.id DESC
          LIMIT 3) latest
  ) purchasers ON true`;

const ANY = Prisma.sql`true`;

/**
 * A search looks at every name, since without an extension PostgreSQL has no index for what stands in the midst of a text:
 * 40 ms for a hundred thousand drops, and up to 400 ms if all of their names have characters beyond ASCII. So few have connections at once, and whoever types different words all the time takes
 * those of other searches only.
 */
const SEARCHES_AT_ONCE = 2;
/** Of the same words. */
const CALLS_PER_SEARCH = 1_000;

export type DropsService = ReturnType<typeof createDropsService>;

export function createDropsService({ db, announce, publicUrl }: DropsDependencies) {
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
      topPurchasers: row.topPurchasers.map(({ username, purchasedAt }) => ({
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

    /** Makes a drop, full, and announces it. Times left out are the database's. */
    async create(body: CreateDropBody): Promise<DropResponse> {
      const insert = Prisma.sql`
        INSERT INTO drops AS d (name, price, total_stock, image_url, drop_starts_at, drop_ends_at, limit_per_user)
        VALUES (${body.name}, ${body.price}::numeric, ${body.totalStock}, ${body.imageUrl ?? null},
                coalesce(${body.dropStartsAt ?? null}::timestamptz, date_trunc('milliseconds', clock_timestamp())),
                ${body.dropEndsAt ?? null}::timestamptz, ${body.limitPerUser ?? null}::int)
        RETURNING ${DROP_COLUMNS}`;
      // A transaction, since it knows an outcome that was lost at the commit from one that never came to it.
      const [row] = await inTransaction(db, (tx) => tx.$queryRaw<DropRow[]>(insert)).catch(refuseEndBeforeStart);
      if (!row) throw new Error('INSERT … RETURNING gave no row');
      const drop = present({ ...row, topPurchasers: [] });
      announce('new_drop', drop);
      return drop;
    },
  };
}

/** With the start left out, only the database knows whether the end comes after it. */
function refuseEndBeforeStart(error: unknown): never {
  if (violatedConstraint(error) !== 'drops_ends_after_start') throw error;
  throw new ValidationError([{ path: 'body.dropEndsAt', message: 'must be after the start', label: 'The end' }]);
}

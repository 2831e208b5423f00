import { Prisma } from '../../generated/prisma/client.js';
import { DETAILED_DROP_COLUMNS, type DetailedDropRow } from '../../inventory/drop-row.js';
import type { Database, Transaction } from '../../lib/db/database.js';
import { isoColumn } from '../../lib/db/sql.js';
import type { DropOrder, DropResponse, ListAllDropsQuery } from './drops.schema.js';
import type { MovementsQuery } from './movements.schema.js';

export type DropWithPurchasers = DetailedDropRow & { topPurchasers: DropResponse['topPurchasers'] };

export type CreatedDrop = DropWithPurchasers & { readonly requestHash: string | null };

/**
 * Joins the latest three purchasers of each drop `d`, as `purchasers.list`; null if there are none. LATERAL reads three
 * entries of purchases_drop_id_created_at_id_idx, which has the order of this list. A join over all purchases, or Prisma's
 * nested take, reads every purchase. The users are joined after the LIMIT, one by one.
 */
export const TOP_PURCHASERS = Prisma.sql`
  LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object('id', latest.id, 'username', buyer.username, 'purchasedAt', latest.created_at)
                     ORDER BY latest.created_at DESC, latest.id DESC) AS list
    FROM (SELECT p.user_id, p.created_at, p.id
          FROM purchases p
          WHERE p.drop_id = d.id
          ORDER BY p.created_at DESC, p.id DESC
          LIMIT 3) latest
    CROSS JOIN LATERAL (SELECT u.username FROM users u WHERE u.id = latest.user_id OFFSET 0) buyer
  ) purchasers ON true`;

const ANY = Prisma.sql`true`;

const NEWEST_FIRST = Prisma.sql`d.created_at DESC, d.id DESC`;
const ORDERS: Readonly<Record<DropOrder, Prisma.Sql>> = {
  newest: NEWEST_FIRST,
  name: Prisma.sql`search_key(d.name), ${NEWEST_FIRST}`,
  start: Prisma.sql`d.drop_starts_at, ${NEWEST_FIRST}`,
  available: Prisma.sql`d.available_stock DESC, ${NEWEST_FIRST}`,
  sold: Prisma.sql`d.sold_stock DESC, ${NEWEST_FIRST}`,
};

interface DropPageQuery extends Omit<ListAllDropsQuery, 'sort'> {
  readonly sort: DropOrder;
  readonly withDrafts: boolean;
}

/** One page of drops, and how many drops match in all. */
export async function findDropPage(db: Database, { page, pageSize, status, q, sort, withDrafts }: DropPageQuery) {
  const isListed = withDrafts ? ANY : Prisma.sql`d.published_at IS NOT NULL`;
  const order = ORDERS[sort];
  const hasStatus = status ? Prisma.sql`drop_status(d) = ${status}` : ANY;
  const hasInName = q === undefined ? ANY : Prisma.sql`strpos(search_key(d.name), search_key(${q})) > 0`;
  const filter = Prisma.sql`WHERE ${isListed} AND ${hasStatus} AND ${hasInName}`;
  const drops = await db.$queryRaw<DropWithPurchasers[]>`
    SELECT ${DETAILED_DROP_COLUMNS}, coalesce(purchasers.list, '[]') AS "topPurchasers"
    FROM (SELECT * FROM drops d ${filter}
          ORDER BY ${order}
          LIMIT ${pageSize} OFFSET ${(page - 1) * pageSize}) d
    ${TOP_PURCHASERS}
    ORDER BY ${order}`;
  // The last page shows how many there are; a search that reads every name need not read them again.
  const isLast = drops.length < pageSize && (drops.length > 0 || page === 1);
  if (isLast) return { drops, totalItems: (page - 1) * pageSize + drops.length };
  const [{ totalItems }] = await db.$queryRaw<[{ totalItems: number }]>`
    SELECT count(*)::int AS "totalItems" FROM drops d ${filter}`;
  return { drops, totalItems };
}

/** The drops with these ids that exist, drafts as well, in any order. */
export function findDrops(db: Pick<Transaction, '$queryRaw'>, ids: readonly string[]): Promise<DropWithPurchasers[]> {
  return db.$queryRaw<DropWithPurchasers[]>`
    SELECT ${DETAILED_DROP_COLUMNS}, coalesce(purchasers.list, '[]') AS "topPurchasers"
    FROM drops d ${TOP_PURCHASERS}
    WHERE d.id = ANY(${ids}::uuid[])`;
}

/** The drop that an earlier request of the admin with the same key created, or, without a key, an earlier run with this id. */
export async function findCreatedDrop(
  tx: Transaction,
  { id, createdBy, idempotencyKey }: { id: string; createdBy: string; idempotencyKey: string | null },
): Promise<CreatedDrop | null> {
  const isCreated =
    idempotencyKey === null
      ? Prisma.sql`d.id = ${id}::uuid`
      : Prisma.sql`d.created_by = ${createdBy}::uuid AND d.idempotency_key = ${idempotencyKey}`;
  const [found] = await tx.$queryRaw<CreatedDrop[]>`
    SELECT ${DETAILED_DROP_COLUMNS}, coalesce(purchasers.list, '[]') AS "topPurchasers", d.request_hash AS "requestHash"
    FROM drops d ${TOP_PURCHASERS}
    WHERE ${isCreated}`;
  return found ?? null;
}

interface Movements {
  /** JSON: a list of movements in the form of the API. */
  readonly movements: string;
  /** How many rows lie between the first and the last of them; null if the drop does not exist. */
  readonly totalItems: number | null;
}

/**
 * Up to `limit` rows of a drop's ledger, evenly distributed and oldest first: from the last one before `since`, or the first
 * of all, to the newest. As JSON text, so that the process does not convert a thousand rows. None of a draft, unless `withDrafts`.
 *
 * A drop of a million movements costs no more than one of a thousand: versions have no gaps, and each row is found by the
 * primary key. `since` has no index, but times rise with the versions: a binary search finds it in twenty steps.
 *
 * OFFSET 0 keeps PostgreSQL from planning the lookups as a join, for which it would read every movement of the drop.
 */
export async function findMovements(
  db: Database,
  dropId: string,
  { since = null, limit }: { since?: MovementsQuery['since'] | null; limit: number },
  { withDrafts }: { readonly withDrafts: boolean },
): Promise<Movements> {
  const [found] = await db.$queryRaw<[Movements]>`
    WITH RECURSIVE ledger AS (
      -- Two subqueries, each of which reads one end of the index; one aggregate over a join reads every movement.
      SELECT (SELECT min(version) FROM stock_movements WHERE drop_id = d.id) AS first,
             (SELECT max(version) FROM stock_movements WHERE drop_id = d.id) AS newest
      FROM drops d WHERE d.id = ${dropId}::uuid AND (${withDrafts}::boolean OR d.published_at IS NOT NULL)
    ), search (low, high) AS (
      -- The version is one of low to high; the middle is rounded up, so that each step leaves fewer.
      SELECT first, CASE WHEN ${since}::timestamptz IS NULL THEN first ELSE newest END FROM ledger
      UNION ALL
      SELECT CASE WHEN m.created_at <= ${since}::timestamptz THEN m.version ELSE low END,
             CASE WHEN m.created_at <= ${since}::timestamptz THEN high ELSE m.version - 1 END
      FROM search CROSS JOIN LATERAL (
        SELECT * FROM stock_movements
        WHERE drop_id = ${dropId}::uuid AND version = low + (high - low + 1) / 2 OFFSET 0) m
      WHERE low < high
    ), span AS (
      SELECT newest, newest - low + 1 AS total, least(newest - low + 1, ${limit}::int) AS chosen
      FROM ledger, search WHERE low = high
    )
    SELECT (SELECT total FROM span) AS "totalItems",
           (SELECT '[' || coalesce(string_agg(row_to_json(listed)::text, ','), '') || ']' FROM (
              SELECT m.version, m.available_stock AS "availableStock", m.reserved_stock AS "reservedStock",
                     m.sold_stock AS "soldStock", ${isoColumn('m.created_at')} AS "createdAt"
              FROM span
              CROSS JOIN LATERAL generate_series(0, chosen - 1) AS place
              CROSS JOIN LATERAL (
                -- As bigint: a million versions times a thousand places exceeds an integer.
                SELECT * FROM stock_movements
                WHERE drop_id = ${dropId}::uuid
                  AND version = newest - (place::bigint * (total - 1) / greatest(chosen - 1, 1))::int OFFSET 0) m
              ORDER BY m.version) listed) AS movements`;
  return found;
}

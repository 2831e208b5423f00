import { Prisma } from '../../generated/prisma/client.js';
import type { ReservationStatus } from '../../generated/prisma/enums.js';
import { PURCHASE_COLUMNS, type PurchaseJson } from '../../inventory/queries/purchase.queries.js';
import { RESERVATION_COLUMNS, type ReservationJson } from '../../inventory/reservation-row.js';
import type { Database } from '../../lib/db/database.js';

// The lists of a drop, newest first; the id breaks ties. What a page or a chunk reads depends on its size and its place, not on the
// length of the list: rows are found by one index in this order (docs/adr/0049), and accounts by their ids after the LIMIT, with
// OFFSET 0, because a join could read every account. With LIMIT (SELECT n), PostgreSQL plans for the first rows of the order: if it
// knew that the limit is higher than the number of rows that it expects, it might read and sort all of them. Rows come in one row of JSON, which Prisma reads faster.

/** An account in a list. */
interface ListedUser {
  readonly id: string;
  readonly username: string;
  readonly email: string;
}

interface Listed {
  readonly user: ListedUser;
  /** Whether the username or the e-mail contains the search text; true without one. */
  readonly isMatch: boolean;
}

/** Of the price: that of the drop. */
interface Priced {
  readonly currency: string;
}

export type ListedReservation = ReservationJson & Listed & Priced;
export type ListedPurchase = PurchaseJson & Listed & Priced;

/** Which rows of a list are read. */
export interface ListRange {
  /** The row before the first one. Left out: from the newest. */
  readonly after?: { readonly createdAt: string; readonly id: string } | undefined;
  /** Rows that are skipped. */
  readonly offset?: number;
  readonly limit: number;
}

interface SearchRange {
  readonly q: string;
  readonly offset: number;
  readonly limit: number;
}

interface SearchResult<Row> {
  readonly rows: Row[];
  /** On all pages. */
  readonly totalItems: number;
}

/** The number of reservations of a drop with each status; each completed one has a purchase. */
export type ListTotals = Readonly<Record<ReservationStatus, number>>;

const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Whether the account `u` matches a search text; null without a text. Upper and lower case are the same. */
const matches = (q: string | null) => Prisma.sql`
  (strpos(search_key(u.username), search_key(${q}::text)) > 0 OR strpos(search_key(u.email), search_key(${q}::text)) > 0)`;

/** Read once for all rows. */
const currencyOf = (dropId: string) =>
  Prisma.sql`(SELECT d.currency FROM drops d WHERE d.id = ${dropId}::uuid) AS currency`;

const USER = Prisma.sql`json_build_object('id', u.id, 'username', u.username, 'email', u.email)`;

/** The lengths of a drop's lists, as its counters say; null if it does not exist. */
export async function findListTotals(db: Database, dropId: string): Promise<ListTotals | null> {
  const [found] = await db.$queryRaw<ListTotals[]>`
    SELECT d.reserved_stock AS active, d.sold_stock AS completed, s.expired_holds AS expired, s.released_holds AS released
    FROM drops d CROSS JOIN LATERAL (SELECT * FROM drop_stats WHERE drop_id = d.id OFFSET 0) s
    WHERE d.id = ${dropId}::uuid`;
  return found ?? null;
}

/** Reservations of a drop with one of the statuses. Each status has its own place in the index, so each is read separately. */
export async function findReservations(
  db: Database,
  { dropId, statuses, q }: { dropId: string; statuses: readonly ReservationStatus[]; q?: string | undefined },
  { after, offset = 0, limit }: ListRange,
): Promise<ListedReservation[]> {
  const [{ rows }] = await db.$queryRaw<[{ rows: ListedReservation[] }]>`
    SELECT coalesce(json_agg(listed), '[]') AS rows FROM (
      SELECT ${RESERVATION_COLUMNS}, ${currencyOf(dropId)}, account."user", account."isMatch"
      FROM (
        SELECT own.id, own.created_at FROM unnest(${statuses}::reservation_status[]) AS wanted(status)
        CROSS JOIN LATERAL (
          SELECT id, created_at FROM reservations
          WHERE drop_id = ${dropId}::uuid AND status = wanted.status AND isfinite(expires_at)
            AND (created_at, id) < (${after?.createdAt ?? 'infinity'}::timestamptz, ${after?.id ?? LAST_ID}::uuid)
          ORDER BY created_at DESC, id DESC
          LIMIT (SELECT ${offset + limit}::int)) own
        ORDER BY own.created_at DESC, own.id DESC
        LIMIT ${limit} OFFSET ${offset}) page
      CROSS JOIN LATERAL (SELECT * FROM reservations WHERE id = page.id OFFSET 0) r
      CROSS JOIN LATERAL (
        SELECT ${USER} AS "user", coalesce(${matches(q ?? null)}, true) AS "isMatch"
        FROM users u WHERE u.id = r.user_id OFFSET 0) account
      ORDER BY page.created_at DESC, page.id DESC) listed`;
  return rows;
}

/** The reservations of a drop whose username or e-mail contains a text. Reads all reservations of the drop. */
export async function searchReservations(
  db: Database,
  { dropId, statuses }: { dropId: string; statuses: readonly ReservationStatus[] },
  { q, offset, limit }: SearchRange,
): Promise<SearchResult<ListedReservation>> {
  const [found] = await db.$queryRaw<[SearchResult<ListedReservation>]>`
    WITH matching AS MATERIALIZED (
      SELECT own.id, own.created_at FROM unnest(${statuses}::reservation_status[]) AS wanted(status)
      CROSS JOIN LATERAL (
        SELECT id, user_id, created_at FROM reservations
        WHERE drop_id = ${dropId}::uuid AND status = wanted.status AND isfinite(expires_at) OFFSET 0) own
      CROSS JOIN LATERAL (SELECT FROM users u WHERE u.id = own.user_id AND ${matches(q)} OFFSET 0) account
    ), page AS (
      SELECT * FROM matching ORDER BY created_at DESC, id DESC LIMIT ${limit} OFFSET ${offset}
    )
    SELECT (SELECT count(*)::int FROM matching) AS "totalItems",
           (SELECT coalesce(json_agg(listed), '[]') FROM (
              SELECT ${RESERVATION_COLUMNS}, ${currencyOf(dropId)}, account."user", true AS "isMatch"
              FROM page
              CROSS JOIN LATERAL (SELECT * FROM reservations WHERE id = page.id OFFSET 0) r
              CROSS JOIN LATERAL (SELECT ${USER} AS "user" FROM users u WHERE u.id = r.user_id OFFSET 0) account
              ORDER BY page.created_at DESC, page.id DESC) listed) AS rows`;
  return found;
}

/** Purchases of a drop. */
export async function findPurchases(
  db: Database,
  { dropId, q }: { dropId: string; q?: string | undefined },
  { after, offset = 0, limit }: ListRange,
): Promise<ListedPurchase[]> {
  const [{ rows }] = await db.$queryRaw<[{ rows: ListedPurchase[] }]>`
    SELECT coalesce(json_agg(listed), '[]') AS rows FROM (
      SELECT ${PURCHASE_COLUMNS}, ${currencyOf(dropId)}, account."user", account."isMatch"
      FROM (
        SELECT id, created_at FROM purchases
        WHERE drop_id = ${dropId}::uuid
          AND (created_at, id) < (${after?.createdAt ?? 'infinity'}::timestamptz, ${after?.id ?? LAST_ID}::uuid)
        ORDER BY created_at DESC, id DESC
        LIMIT (SELECT ${limit}::int) OFFSET (SELECT ${offset}::int)) page
      CROSS JOIN LATERAL (SELECT * FROM purchases WHERE id = page.id OFFSET 0) p
      CROSS JOIN LATERAL (
        SELECT ${USER} AS "user", coalesce(${matches(q ?? null)}, true) AS "isMatch"
        FROM users u WHERE u.id = p.user_id OFFSET 0) account
      ORDER BY page.created_at DESC, page.id DESC) listed`;
  return rows;
}

/** The purchases of a drop whose username or e-mail contains a text. Reads all purchases of the drop. */
export async function searchPurchases(
  db: Database,
  { dropId }: { dropId: string },
  { q, offset, limit }: SearchRange,
): Promise<SearchResult<ListedPurchase>> {
  const [found] = await db.$queryRaw<[SearchResult<ListedPurchase>]>`
    WITH matching AS MATERIALIZED (
      SELECT own.id, own.created_at
      FROM (SELECT id, user_id, created_at FROM purchases WHERE drop_id = ${dropId}::uuid OFFSET 0) own
      CROSS JOIN LATERAL (SELECT FROM users u WHERE u.id = own.user_id AND ${matches(q)} OFFSET 0) account
    ), page AS (
      SELECT * FROM matching ORDER BY created_at DESC, id DESC LIMIT ${limit} OFFSET ${offset}
    )
    SELECT (SELECT count(*)::int FROM matching) AS "totalItems",
           (SELECT coalesce(json_agg(listed), '[]') FROM (
              SELECT ${PURCHASE_COLUMNS}, ${currencyOf(dropId)}, account."user", true AS "isMatch"
              FROM page
              CROSS JOIN LATERAL (SELECT * FROM purchases WHERE id = page.id OFFSET 0) p
              CROSS JOIN LATERAL (SELECT ${USER} AS "user" FROM users u WHERE u.id = p.user_id OFFSET 0) account
              ORDER BY page.created_at DESC, page.id DESC) listed) AS rows`;
  return found;
}

import type { Database } from '../../lib/db/database.js';
import { CHUNK_SIZE } from '../../lib/http/read-chunks.js';
import { MOVEMENT_COLUMNS } from '../../inventory/queries/movement.queries.js';
import { PURCHASE_COLUMNS, type PurchaseJson } from '../../inventory/queries/purchase.queries.js';
import { RESERVATION_COLUMNS, type ReservationJson } from '../../inventory/reservation-row.js';
import type { LedgerEntry } from '../stock/stock.schema.js';

// One chunk of each list of a person. Each statement begins after the last row of the chunk before, and has the condition and the
// order of one index, so that it reads as many entries as it returns (docs/adr/0034). Rows come in one row of JSON, which
// Prisma reads faster. Drops are found by their ids after the LIMIT, with OFFSET 0: a join may read every drop.

/** Before every id, and after every id. */
const FIRST_ID = '00000000-0000-0000-0000-000000000000';
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

interface Chunk<Row> {
  readonly rows: Row[];
}

interface OfDrop {
  readonly dropName: string;
  /** Of the price. */
  readonly currency: string;
}

export type ReservationToExport = ReservationJson & OfDrop;

/** The time on the database's clock, and the transaction of the last recorded change of an account. */
export async function findExportStart(
  db: Database,
  userId: string,
): Promise<{ exportedAt: Date; transactionId: string | null }> {
  const [start] = await db.$queryRaw<[{ exportedAt: Date; transactionId: string | null }]>`
    SELECT clock_timestamp() AS "exportedAt",
           (SELECT c.transaction_id::text FROM account_changes c WHERE c.user_id = ${userId}::uuid) AS "transactionId"`;
  return start;
}

/** Active reservations by drop; a user has at most one of each. */
export async function findActiveToExport(db: Database, userId: string, after?: ReservationToExport) {
  const [found] = await db.$queryRaw<[Chunk<ReservationToExport>]>`
    SELECT coalesce(json_agg(listed), '[]') AS rows FROM (
      SELECT ${RESERVATION_COLUMNS}, d.name AS "dropName", d.currency FROM (
        SELECT * FROM reservations own
        WHERE own.user_id = ${userId}::uuid AND own.status = 'active' AND own.drop_id > ${after?.dropId ?? FIRST_ID}::uuid
        ORDER BY own.drop_id
        LIMIT ${CHUNK_SIZE}) r
      CROSS JOIN LATERAL (SELECT drops.name, drops.currency FROM drops WHERE drops.id = r.drop_id OFFSET 0) d
      ORDER BY r.drop_id) listed`;
  return found.rows;
}

/** Expired and released reservations by drop and end. More than a chunk if several of a drop ended in the same millisecond. */
export async function findUnpaidToExport(db: Database, userId: string, after?: ReservationToExport) {
  const [found] = await db.$queryRaw<[Chunk<ReservationToExport>]>`
    SELECT coalesce(json_agg(listed), '[]') AS rows FROM (
      SELECT ${RESERVATION_COLUMNS}, d.name AS "dropName", d.currency FROM (
        SELECT * FROM reservations own
        WHERE own.user_id = ${userId}::uuid AND own.status IN ('expired', 'released')
          AND (own.drop_id, own.settled_at) >
              (${after?.dropId ?? FIRST_ID}::uuid, ${after?.settledAt ?? '-infinity'}::timestamptz)
        ORDER BY own.drop_id, own.settled_at
        FETCH FIRST ${CHUNK_SIZE} ROWS WITH TIES) r
      CROSS JOIN LATERAL (SELECT drops.name, drops.currency FROM drops WHERE drops.id = r.drop_id OFFSET 0) d
      ORDER BY r.drop_id, r.settled_at) listed`;
  return found.rows;
}

export type CompletedToExport = ReservationToExport & { readonly purchasedAt: string; readonly purchaseId: string };

/** Completed reservations, by their purchases: no index of reservations has an order without ties for them. */
export async function findCompletedToExport(db: Database, userId: string, after?: CompletedToExport) {
  const [found] = await db.$queryRaw<[Chunk<CompletedToExport>]>`
    SELECT coalesce(json_agg(listed), '[]') AS rows FROM (
      SELECT ${RESERVATION_COLUMNS}, d.name AS "dropName", d.currency, p.created_at AS "purchasedAt", p.id AS "purchaseId" FROM (
        SELECT own.id, own.created_at, own.reservation_id FROM purchases own
        WHERE own.user_id = ${userId}::uuid AND own.price >= 0
          AND (own.created_at, own.id) <
              (${after?.purchasedAt ?? 'infinity'}::timestamptz, ${after?.purchaseId ?? LAST_ID}::uuid)
        ORDER BY own.created_at DESC, own.id DESC
        LIMIT ${CHUNK_SIZE}) p
      CROSS JOIN LATERAL (SELECT * FROM reservations WHERE reservations.id = p.reservation_id OFFSET 0) r
      CROSS JOIN LATERAL (SELECT drops.name, drops.currency FROM drops WHERE drops.id = r.drop_id OFFSET 0) d
      ORDER BY p.created_at DESC, p.id DESC) listed`;
  return found.rows;
}

export type PurchaseToExport = PurchaseJson & OfDrop & { readonly idempotencyKey: string | null };

/** Purchases, newest first. */
export async function findPurchasesToExport(db: Database, userId: string, after?: PurchaseToExport) {
  const [found] = await db.$queryRaw<[Chunk<PurchaseToExport>]>`
    SELECT coalesce(json_agg(listed), '[]') AS rows FROM (
      SELECT ${PURCHASE_COLUMNS}, p.idempotency_key AS "idempotencyKey", d.name AS "dropName", d.currency FROM (
        SELECT * FROM purchases own
        WHERE own.user_id = ${userId}::uuid AND own.price >= 0
          AND (own.created_at, own.id) <
              (${after?.createdAt ?? 'infinity'}::timestamptz, ${after?.id ?? LAST_ID}::uuid)
        ORDER BY own.created_at DESC, own.id DESC
        LIMIT ${CHUNK_SIZE}) p
      CROSS JOIN LATERAL (SELECT drops.name, drops.currency FROM drops WHERE drops.id = p.drop_id OFFSET 0) d
      ORDER BY p.created_at DESC, p.id DESC) listed`;
  return found.rows;
}

export interface DropToExport {
  readonly id: string;
  readonly name: string;
  readonly idempotencyKey: string | null;
  readonly createdAt: string;
}

/**
 * Drops that an admin created, by id. In this and the next four statements the range of (owner, id) stands for `owner = …`: with
 * that, the order would be that of the primary key as well, and PostgreSQL could read the whole table in it.
 */
export async function findDropsToExport(db: Database, userId: string, after?: DropToExport) {
  const [found] = await db.$queryRaw<[Chunk<DropToExport>]>`
    SELECT coalesce(json_agg(listed), '[]') AS rows FROM (
      SELECT d.id, d.name, d.idempotency_key AS "idempotencyKey", d.created_at AS "createdAt" FROM drops d
      WHERE (d.created_by, d.id) > (${userId}::uuid, ${after?.id ?? FIRST_ID}::uuid)
        AND (d.created_by, d.id) <= (${userId}::uuid, ${LAST_ID}::uuid) AND d.price >= 0
      ORDER BY d.created_by, d.id
      LIMIT ${CHUNK_SIZE}) listed`;
  return found.rows;
}

export type MovementToExport = Omit<LedgerEntry, 'actor' | 'role'> & {
  readonly dropId: string;
  readonly dropName: string | null;
  readonly idempotencyKey: string | null;
};

/** Rows of the ledger whose change an admin made, by drop and version. They stay after their drop was deleted. */
export async function findMovementsToExport(db: Database, userId: string, after?: MovementToExport) {
  const [found] = await db.$queryRaw<[Chunk<MovementToExport>]>`
    SELECT coalesce(json_agg(listed), '[]') AS rows FROM (
      SELECT ${MOVEMENT_COLUMNS}, m.drop_id AS "dropId", m.idempotency_key AS "idempotencyKey", d.name AS "dropName" FROM (
        SELECT * FROM stock_movements own
        WHERE (own.actor_id, own.drop_id, own.version) >
              (${userId}::uuid, ${after?.dropId ?? FIRST_ID}::uuid, ${after?.version ?? 0}::int)
          AND (own.actor_id, own.drop_id) <= (${userId}::uuid, ${LAST_ID}::uuid) AND own.actor_id IS NOT NULL AND own.version > 0
        ORDER BY own.actor_id, own.drop_id, own.version
        LIMIT ${CHUNK_SIZE}) m
      LEFT JOIN LATERAL (SELECT drops.name FROM drops WHERE drops.id = m.drop_id OFFSET 0) d ON true
      ORDER BY m.drop_id, m.version) listed`;
  return found.rows;
}

export interface DisabledToExport {
  readonly id: string;
  readonly disabledAt: string;
}

/** Accounts that an admin disabled and that are disabled now, by id. */
export async function findDisabledToExport(db: Database, userId: string, after?: DisabledToExport) {
  const [found] = await db.$queryRaw<[Chunk<DisabledToExport>]>`
    SELECT coalesce(json_agg(listed), '[]') AS rows FROM (
      SELECT u.id, u.disabled_at AS "disabledAt" FROM users u
      WHERE (u.disabled_by, u.id) > (${userId}::uuid, ${after?.id ?? FIRST_ID}::uuid)
        AND (u.disabled_by, u.id) <= (${userId}::uuid, ${LAST_ID}::uuid)
      ORDER BY u.disabled_by, u.id
      LIMIT ${CHUNK_SIZE}) listed`;
  return found.rows;
}

export interface EnabledToExport {
  readonly id: string;
  readonly enabledAt: string;
}

/** Accounts that an admin enabled again and that have not been disabled since, by id. */
export async function findEnabledToExport(db: Database, userId: string, after?: EnabledToExport) {
  const [found] = await db.$queryRaw<[Chunk<EnabledToExport>]>`
    SELECT coalesce(json_agg(listed), '[]') AS rows FROM (
      SELECT u.id, u.enabled_at AS "enabledAt" FROM users u
      WHERE (u.enabled_by, u.id) > (${userId}::uuid, ${after?.id ?? FIRST_ID}::uuid)
        AND (u.enabled_by, u.id) <= (${userId}::uuid, ${LAST_ID}::uuid)
      ORDER BY u.enabled_by, u.id
      LIMIT ${CHUNK_SIZE}) listed`;
  return found.rows;
}

export interface EndedTokenToExport {
  readonly id: string;
  readonly expiresAt: string;
}

/** Tokens that were ended one by one, by id. */
export async function findEndedTokensToExport(db: Database, userId: string, after?: EndedTokenToExport) {
  const [found] = await db.$queryRaw<[Chunk<EndedTokenToExport>]>`
    SELECT coalesce(json_agg(listed), '[]') AS rows FROM (
      SELECT e.id, e.expires_at AS "expiresAt" FROM ended_tokens e
      WHERE (e.user_id, e.id) > (${userId}::uuid, ${after?.id ?? FIRST_ID}::uuid)
        AND (e.user_id, e.id) <= (${userId}::uuid, ${LAST_ID}::uuid)
      ORDER BY e.user_id, e.id
      LIMIT ${CHUNK_SIZE}) listed`;
  return found.rows;
}

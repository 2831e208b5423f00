import { Prisma, type Purchase } from '../../generated/prisma/client.js';
import { textArray, uuidArray } from '../../lib/db/arrays.js';
import { type AppError, IdempotencyKeyReusedError, OutcomeUnknownError } from '../../lib/errors/index.js';
import {
  ReservationExpiredError,
  ReservationNotFoundError,
  ReservationSettledError,
} from '../../inventory/inventory-errors.js';
import type { LockedDrop } from '../../inventory/stock-transaction.js';
import { RESERVATION_COLUMNS, jsonRow, settleHolds, type ReservationJson } from '../../inventory/reservation-row.js';
import { toIso } from '../../lib/time.js';
import type { PurchaseResponse } from './purchases.schema.js';

/** A request to buy one hold, in a batch of requests by different users for one drop. */
export interface PurchaseRequest {
  /** The id its purchase will have, by which a second run of the batch finds what the first run wrote. */
  readonly id: string;
  readonly userId: string;
  readonly reservationId: string;
  readonly idempotencyKey: string | undefined;
}

/** The purchase, and whether an earlier request with the same key made it; or why there is none. */
export type PurchaseDecision = { readonly purchase: PurchaseResponse; readonly replayed: boolean } | AppError;

/** A purchase as PostgreSQL writes it in JSON. */
type PurchaseJson = Pick<Purchase, 'id' | 'userId' | 'dropId' | 'reservationId'> & {
  readonly price: string;
  readonly createdAt: string;
  readonly updatedAt: string;
};

/** What is known of a request under the lock. */
export interface PurchaseFacts {
  readonly hold: ReservationJson;
  /** The purchase that the user's key stands for. */
  readonly keyed: PurchaseJson | null;
  /** The purchase that an earlier run of this batch made for this request. */
  readonly made: PurchaseJson | null;
}

const PURCHASE_COLUMNS = Prisma.sql`
  p.id, p.user_id AS "userId", p.drop_id AS "dropId", p.reservation_id AS "reservationId", p.price::text AS price,
  p.created_at AS "createdAt", p.updated_at AS "updatedAt"`;

/** What the batch has to know under the lock, as an SQL expression: {@link PurchaseFacts} of every request. */
export function purchaseFacts(requests: readonly PurchaseRequest[], mayHaveCommitted: boolean): Prisma.Sql {
  const [ids, made] = mayHaveCommitted
    ? [uuidArray(idsOf(requests)), jsonRow(PURCHASE_COLUMNS, Prisma.sql`FROM purchases p WHERE p.id = asked.id`)]
    : [Prisma.sql`NULL::uuid[]`, Prisma.sql`NULL::jsonb`];
  return Prisma.sql`
    SELECT coalesce(jsonb_agg(known), '[]') FROM (
      SELECT ${jsonRow(RESERVATION_COLUMNS, Prisma.empty)} AS hold,
        ${jsonRow(PURCHASE_COLUMNS, Prisma.sql`FROM purchases p WHERE p.user_id = r.user_id AND p.idempotency_key = asked.key`)} AS keyed,
        ${made} AS made
      FROM unnest(${uuidArray(requests.map(({ reservationId }) => reservationId))}, ${textArray(requests.map(keyOf))}, ${ids})
        AS asked(reservation_id, key, id)
      JOIN reservations r ON r.id = asked.reservation_id
    ) known`;
}

/** Turns the holds that still run into purchases, at the drop's price: one statement for all of them. */
export async function purchaseLocked(
  drop: LockedDrop<readonly PurchaseFacts[]>,
  requests: readonly PurchaseRequest[],
): Promise<PurchaseDecision[]> {
  const known = new Map(drop.facts.map((facts) => [facts.hold.id, facts]));
  const running: PurchaseRequest[] = [];

  /** Null: to be bought. */
  function judge(request: PurchaseRequest): PurchaseDecision | null {
    const facts = known.get(request.reservationId);
    if (!facts) return drop.mayHaveCommitted ? new OutcomeUnknownError() : new ReservationNotFoundError();
    if (facts.made) return { purchase: present(facts.made), replayed: false };
    if (facts.keyed) {
      return facts.keyed.reservationId === request.reservationId
        ? { purchase: present(facts.keyed), replayed: true }
        : new IdempotencyKeyReusedError();
    }
    const { status } = drop.current(facts.hold);
    if (status === 'expired') return new ReservationExpiredError();
    if (status !== 'active') return new ReservationSettledError(status);
    running.push(request);
    return null;
  }

  const judged = requests.map(judge);
  const bought = await buy(drop, running);
  // Not among them: its time has come since it was looked at.
  return requests.map((request, index) => judged[index] ?? bought.get(request.id) ?? new ReservationExpiredError());
}

/** Settles the holds and makes the purchases, at the time that was judged to be before the deadlines. By request id. */
async function buy(
  { row, write }: LockedDrop<unknown>,
  requests: readonly PurchaseRequest[],
): Promise<ReadonlyMap<string, PurchaseDecision>> {
  if (requests.length === 0) return new Map();
  const purchases = await write<PurchaseJson[]>({
    done: Prisma.sql`
      asked AS (
        SELECT * FROM unnest(${uuidArray(idsOf(requests))},
                             ${uuidArray(requests.map(({ reservationId }) => reservationId))},
                             ${textArray(requests.map(keyOf))}) AS asked(id, reservation_id, key)
      ), settled AS (
        ${settleHolds(Prisma.sql`ARRAY(SELECT reservation_id FROM asked)`, 'completed')}
      ), done AS (
        INSERT INTO purchases AS p (id, user_id, drop_id, reservation_id, price, idempotency_key, created_at, updated_at)
        SELECT asked.id, settled."userId", settled."dropId", settled.id, ${row.price}::numeric, asked.key,
               settled."settledAt", settled."settledAt"
        FROM settled JOIN asked ON asked.reservation_id = settled.id
        RETURNING ${PURCHASE_COLUMNS}
      )`,
    move: { available: 0, reserved: -1, sold: 1 },
    result: Prisma.sql`SELECT coalesce(jsonb_agg(done), '[]') FROM done`,
  });
  return new Map(purchases.map((purchase) => [purchase.id, { purchase: present(purchase), replayed: false }]));
}

function idsOf(requests: readonly PurchaseRequest[]): string[] {
  return requests.map(({ id }) => id);
}

function keyOf({ idempotencyKey }: PurchaseRequest): string | null {
  return idempotencyKey ?? null;
}

/** A purchase as the API shows it. */
export function present(purchase: PurchaseJson | Omit<Purchase, 'idempotencyKey'>): PurchaseResponse {
  const { id, userId, dropId, reservationId, price } = purchase;
  return {
    id,
    userId,
    dropId,
    reservationId,
    price: typeof price === 'string' ? price : price.toFixed(2),
    createdAt: toIso(purchase.createdAt),
    updatedAt: toIso(purchase.updatedAt),
  };
}

import type { Purchase } from '../../generated/prisma/client.js';
import type { Announce } from '../../lib/announce.js';
import type { AuthenticatedUser } from '../../lib/auth/authenticate.js';
import type { Database, Transaction } from '../../lib/db/database.js';
import { violatedConstraint } from '../../lib/db/database-errors.js';
import {
  type AppError,
  IdempotencyKeyReusedError,
  NotYourReservationError,
  ReservationExpiredError,
  ReservationNotFoundError,
  ReservationSettledError,
} from '../../lib/errors/index.js';
import { absoluteUrl } from '../../lib/http/absolute-url.js';
import type { DropLock, LockedDrop } from '../../lib/stock/drop-lock.js';
import { settleHold } from '../../lib/stock/reservation-row.js';
import { toIso } from '../../lib/time.js';
import type {
  ListPurchasesQuery,
  PurchaseEvents,
  PurchaseResponse,
  PurchaseWithDropResponse,
} from './purchases.schema.js';

interface PurchasesDependencies {
  readonly db: Database;
  readonly dropLock: DropLock;
  readonly announce: Announce<PurchaseEvents>;
  /** Completes the path of a picture on this server. */
  readonly publicUrl: string;
}

interface PurchaseRequest {
  readonly user: AuthenticatedUser;
  readonly reservationId: string;
  readonly idempotencyKey: string | undefined;
  readonly signal?: AbortSignal;
}

/** A purchase, and whether it was made by an earlier request with the same key. */
export interface PurchaseResult {
  readonly purchase: PurchaseResponse;
  readonly replayed: boolean;
}

export type PurchasesService = ReturnType<typeof createPurchasesService>;

export function createPurchasesService({ db, dropLock, announce, publicUrl }: PurchasesDependencies) {
  return {
    /**
     * Turns a user's hold into a purchase, at the drop's price of this moment, if the hold still runs by the database's
     * clock. With a key that was used before for the same hold: that purchase.
     *
     * @throws {ReservationNotFoundError | NotYourReservationError | ReservationExpiredError | ReservationSettledError}
     * @throws {IdempotencyKeyReusedError} the key was used for another hold.
     * @throws the errors of {@link DropLock.withDrop}.
     */
    async purchase(request: PurchaseRequest): Promise<PurchaseResult> {
      const { user, reservationId, signal } = request;
      const earlier = await replay(db, request);
      if (earlier) return unwrap(earlier);

      const hold = await db.reservation.findUnique({ where: { id: reservationId } });
      if (!hold) throw new ReservationNotFoundError();
      if (hold.userId !== user.id) throw new NotYourReservationError();

      const result = await dropLock
        .withDrop(hold.dropId, (drop) => purchaseLocked(drop, request), { signal, urgent: true, forUser: user.id })
        .catch(explainViolation);
      if (!result) throw new ReservationNotFoundError();
      if (!result.replayed) {
        const { dropId, createdAt: purchasedAt } = result.purchase;
        announce('purchase_update', { dropId, username: user.username, purchasedAt });
      }
      return result;
    },

    /** One page of what a user bought, newest first, each with its drop. */
    async listMine(userId: string, { page, pageSize }: ListPurchasesQuery) {
      const [totalItems, rows] = await Promise.all([
        db.purchase.count({ where: { userId } }),
        db.purchase.findMany({
          where: { userId },
          include: { drop: { select: { id: true, name: true, price: true, imageUrl: true } } },
          orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
          skip: (page - 1) * pageSize,
          take: pageSize,
        }),
      ]);
      const purchases = rows.map(({ drop, ...purchase }): PurchaseWithDropResponse => {
        const { id, name, price, imageUrl } = drop;
        return {
          ...present(purchase),
          Drop: { id, name, price: price.toFixed(2), imageUrl: absoluteUrl(imageUrl, publicUrl) },
        };
      });
      return { purchases, totalItems };
    },
  };
}

async function purchaseLocked(drop: LockedDrop, request: PurchaseRequest): Promise<PurchaseResult | AppError> {
  const { user, reservationId, idempotencyKey } = request;
  const completed = await settleHold(drop.tx, reservationId, 'completed');
  if (!completed) {
    // The same key at the same moment: the other one was first, and this is its repetition.
    return (await replay(drop.tx, request)) ?? (await explainSettled(drop, reservationId));
  }
  const purchase = await drop.tx.purchase.create({
    data: {
      userId: user.id,
      dropId: drop.row.id,
      reservationId,
      price: drop.row.price,
      idempotencyKey,
      // When it was judged to be in time: the clock has gone on since, perhaps past the deadline.
      createdAt: completed.settledAt ?? undefined,
      updatedAt: completed.settledAt ?? undefined,
    },
  });
  await drop.moveStock({ available: 0, reserved: -1, sold: 1 });
  return { purchase: present(purchase), replayed: false };
}

async function explainSettled({ tx }: LockedDrop, reservationId: string): Promise<AppError> {
  const { status } = await tx.reservation.findUniqueOrThrow({ where: { id: reservationId } });
  return status === 'completed' || status === 'released'
    ? new ReservationSettledError(status)
    : new ReservationExpiredError();
}

async function replay(client: Transaction, request: PurchaseRequest): Promise<PurchaseResult | AppError | null> {
  const { user, reservationId, idempotencyKey } = request;
  if (idempotencyKey === undefined) return null;
  const earlier = await client.purchase.findUnique({
    where: { userId_idempotencyKey: { userId: user.id, idempotencyKey } },
  });
  if (!earlier) return null;
  if (earlier.reservationId !== reservationId) return new IdempotencyKeyReusedError();
  return { purchase: present(earlier), replayed: true };
}

function unwrap(result: PurchaseResult | AppError): PurchaseResult {
  if (result instanceof Error) throw result;
  return result;
}

/** The same key at the same moment, for another hold: that one was first. */
function explainViolation(error: unknown): never {
  if (violatedConstraint(error) === 'purchases_user_id_idempotency_key_key') throw new IdempotencyKeyReusedError();
  throw error;
}

function present({ id, userId, dropId, reservationId, price, createdAt, updatedAt }: Purchase): PurchaseResponse {
  return {
    id,
    userId,
    dropId,
    reservationId,
    price: price.toFixed(2),
    createdAt: toIso(createdAt),
    updatedAt: toIso(updatedAt),
  };
}

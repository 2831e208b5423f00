import type { Publish } from '../../lib/publish.js';
import type { AuthenticatedUser } from '../../lib/auth/authenticate.js';
import type { CancellationSignal } from '../../lib/batcher.js';
import type { Database } from '../../lib/db/database.js';
import { violatedConstraint } from '../../lib/db/database-errors.js';
import { IdempotencyKeyReusedError } from '../../lib/errors/index.js';
import { NotYourReservationError, ReservationNotFoundError } from '../../inventory/inventory-errors.js';
import { absoluteUrl } from '../../lib/http/absolute-url.js';
import type { DropBatches } from '../../inventory/stock-batches.js';
import type { ReservationOwnerLoader } from '../../inventory/reservation-loader.js';
import { timeOrderedId } from '../../lib/time-ordered-id.js';
import { present, purchaseFacts, purchaseLocked } from './purchases.purchase-batch.js';
import type {
  ListPurchasesQuery,
  PurchaseEvents,
  PurchaseResponse,
  PurchaseWithDropResponse,
} from './purchases.schema.js';

interface PurchasesDependencies {
  readonly db: Database;
  readonly dropBatches: DropBatches;
  readonly loadReservationOwner: ReservationOwnerLoader;
  readonly publish: Publish<PurchaseEvents>;
  /** Completes the path of a picture on this server. */
  readonly publicUrl: string;
}

interface PurchaseInput {
  readonly user: Pick<AuthenticatedUser, 'id' | 'username'>;
  readonly reservationId: string;
  readonly idempotencyKey: string | undefined;
  readonly signal?: CancellationSignal;
}

/** A purchase, and whether it was made by an earlier request with the same key. */
export interface PurchaseResult {
  readonly purchase: PurchaseResponse;
  readonly replayed: boolean;
}

export type PurchasesService = ReturnType<typeof createPurchasesService>;

export function createPurchasesService({
  db,
  dropBatches,
  loadReservationOwner,
  publish,
  publicUrl,
}: PurchasesDependencies) {
  const purchasing = dropBatches({
    name: 'purchase',
    userOf: ({ userId }) => userId,
    facts: purchaseFacts,
    work: purchaseLocked,
  });

  return {
    /**
     * Turns a user's hold into a purchase, at the drop's price of this moment, if the hold still runs by the database's
     * clock. With a key that was used before for the same hold: that purchase. `signal` tells whether the client has gone.
     *
     * @throws {ReservationNotFoundError | NotYourReservationError | ReservationExpiredError | ReservationSettledError}
     * @throws {IdempotencyKeyReusedError} the key was used for another hold.
     * @throws {UnavailableError | OverloadedError | OutcomeUnknownError}
     */
    async purchase({ user, reservationId, idempotencyKey, signal }: PurchaseInput): Promise<PurchaseResult> {
      const hold = await loadReservationOwner(reservationId);
      if (hold?.userId !== user.id) {
        if (await isKeyUsed(db, user.id, idempotencyKey)) throw new IdempotencyKeyReusedError();
        throw hold ? new NotYourReservationError() : new ReservationNotFoundError();
      }

      const request = { id: timeOrderedId(), userId: user.id, reservationId, idempotencyKey };
      const bought = await purchasing.submit(hold.dropId, request, signal).catch(explainViolation);
      if (!bought) throw new ReservationNotFoundError();
      const { purchase, replayed } = bought.decision;
      if (!replayed) {
        const { dropId, createdAt: purchasedAt } = purchase;
        publish('purchase_update', { dropId, username: user.username, purchasedAt });
      }
      return { purchase, replayed };
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

async function isKeyUsed(db: Database, userId: string, idempotencyKey: string | undefined): Promise<boolean> {
  if (idempotencyKey === undefined) return false;
  return (await db.purchase.findFirst({ where: { userId, idempotencyKey }, select: { id: true } })) !== null;
}

/** The same key at the same moment, for another hold: that one was first. */
function explainViolation(error: unknown): never {
  if (violatedConstraint(error) === 'purchases_user_id_idempotency_key_key') throw new IdempotencyKeyReusedError();
  throw error;
}

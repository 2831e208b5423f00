import { isKeyUsed } from '../../inventory/idempotency-key.js';
import type { StockContext } from '../../inventory/stock-context.js';
import { loadPurchaseState, writePurchases, type PurchaseRequest } from '../../inventory/queries/purchase.queries.js';
import type { ReservationOwnerLoader } from '../../inventory/queries/reservation-owner.queries.js';
import type { BatchOutcomes, StockBatches, StockChange } from '../../inventory/stock-transaction.js';
import type { AuthenticatedUser } from '../../lib/auth/authenticate.js';
import type { CancellationSignal } from '../../lib/batcher.js';
import type { Database } from '../../lib/db/database.js';
import { refuseViolations } from '../../lib/db/database-errors.js';
import {
  NotYourReservationError,
  ReservationExpiredError,
  ReservationNotFoundError,
} from '../../inventory/inventory-errors.js';
import { IdempotencyKeyReusedError } from '../../lib/errors/index.js';
import { JsonText } from '../../lib/http/json-text.js';
import type { Publish } from '../../lib/publish.js';
import { timeOrderedId } from '../../lib/time-ordered-id.js';
import { findPurchasePage, findPurchasePageOfDrop } from './purchases.queries.js';
import { decidePurchases } from './purchases.decide.js';
import {
  completeUrls,
  toPurchaseResponse,
  type ListPurchasesQuery,
  type PurchaseEvents,
  type PurchaseResponse,
  type PurchaseWithDropResponse,
} from './purchases.schema.js';

interface PurchasesDependencies {
  readonly db: Database;
  readonly stockBatches: StockBatches;
  readonly loadReservationOwner: ReservationOwnerLoader;
  readonly publish: Publish<PurchaseEvents>;
  /** The base of the URLs of pictures on this server. */
  readonly publicUrl: string;
}

interface PurchaseInput {
  readonly user: Pick<AuthenticatedUser, 'id' | 'username'>;
  readonly reservationId: string;
  readonly idempotencyKey: string | undefined;
  readonly signal?: CancellationSignal;
}

/** A purchase, and whether an earlier request with the same key created it. */
interface PurchaseResult {
  readonly purchase: PurchaseResponse;
  readonly replayed: boolean;
}

export type PurchasesService = ReturnType<typeof createPurchasesService>;

export function createPurchasesService(dependencies: PurchasesDependencies) {
  const { db, stockBatches, loadReservationOwner, publish, publicUrl } = dependencies;

  /** Serves a batch of purchases: steps 2 to 4 of a stock transaction, after it has locked the drop. */
  async function purchaseBatch(
    context: StockContext,
    requests: readonly PurchaseRequest[],
  ): Promise<StockChange<BatchOutcomes<PurchaseResult>>> {
    // 1. Lock: inventory/stock-transaction.ts
    // 2. Load
    const state = await loadPurchaseState(context, requests);
    const { drop, reclaimed } = state;

    // 3. Decide
    const decisions = decidePurchases(state, requests, context.mayHaveCommitted);
    const accepted = requests.filter((_, index) => decisions[index]?.kind === 'write');

    // 4. Write
    const isWritten = accepted.length > 0 || reclaimed.length > 0;
    const written = isWritten ? await writePurchases(context, accepted, reclaimed) : null;

    // The outcomes; then 5. Commit and publish: inventory/stock-transaction.ts
    const result = requests.map(({ id }, index) => {
      const decision = decisions[index];
      if (decision?.kind === 'refused') return decision.error;
      if (decision?.kind === 'found') {
        return { purchase: toPurchaseResponse(decision.purchase), replayed: decision.replayed };
      }
      const purchase = written?.purchases.get(id);
      // A reservation without a purchase expired between the two statements.
      return purchase ? { purchase: toPurchaseResponse(purchase), replayed: false } : new ReservationExpiredError();
    });
    return { result, drop: written?.drop ?? drop, reclaimed, hasChanged: Boolean(written?.drop) };
  }

  const batches = stockBatches({ name: 'purchase', userOf: ({ userId }) => userId, run: purchaseBatch });

  return {
    /**
     * Turns an active reservation of the user into a purchase, at the price of the reservation, if its time is not over by the
     * database's clock. With a key that the user used before for the same reservation, returns that purchase.
     *
     * @param input `signal` is aborted when the client has disconnected: a request that still waits is not served.
     * @throws {ReservationNotFoundError | NotYourReservationError | ReservationExpiredError | ReservationSettledError}
     * @throws {IdempotencyKeyReusedError} the key was used for another reservation.
     * @throws {UnavailableError | OverloadedError | OutcomeUnknownError}
     */
    async purchase({ user, reservationId, idempotencyKey, signal }: PurchaseInput): Promise<PurchaseResult> {
      const owner = await loadReservationOwner(reservationId);
      if (owner?.userId !== user.id) {
        if (await isKeyUsed(db.purchase, user.id, idempotencyKey)) throw new IdempotencyKeyReusedError();
        throw owner ? new NotYourReservationError() : new ReservationNotFoundError();
      }

      const request = { id: timeOrderedId(), userId: user.id, reservationId, idempotencyKey };
      const bought = await batches.submit(owner.dropId, request, signal).catch(explainViolation);
      if (!bought) throw new ReservationNotFoundError();
      const { purchase, replayed } = bought.outcome;
      if (!replayed) {
        const { dropId, createdAt: purchasedAt } = purchase;
        publish('purchase_update', { dropId, username: user.username, purchasedAt });
      }
      return { purchase, replayed };
    },

    /** One page of the user's purchases, of all drops or of one, newest first, each with its drop. */
    async listMine(userId: string, { dropId, ...page }: ListPurchasesQuery) {
      const { purchases, totalItems } = await (dropId === undefined
        ? findPurchasePage(db, userId, page)
        : findPurchasePageOfDrop(db, userId, dropId, page));
      const completed = completeUrls(purchases, publicUrl);
      return { purchases: new JsonText<PurchaseWithDropResponse[]>(completed), totalItems };
    },
  };
}

const explainViolation = refuseViolations({
  // A concurrent request with the same key, for another reservation, committed first.
  purchases_user_id_idempotency_key_key: () => new IdempotencyKeyReusedError(),
});

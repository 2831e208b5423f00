import { toReleasedHold } from '../../inventory/hold-releases.js';
import { isKeyUsed } from '../../inventory/idempotency-key.js';
import type { DropRow } from '../../inventory/drop-row.js';
import type { StockContext } from '../../inventory/stock-context.js';
import { loadReleaseState, writeReleases, type ReleaseRequest } from '../../inventory/queries/release.queries.js';
import { loadReserveState, writeReservations, type ReserveRequest } from '../../inventory/queries/reserve.queries.js';
import { setChangeContext, writeReclaimedUnits, type ChangeContext } from '../../inventory/queries/stock.queries.js';
import type { ReservationOwnerLoader } from '../../inventory/queries/reservation-owner.queries.js';
import type { BatchOutcomes, BatchResult, StockBatches, StockChange } from '../../inventory/stock-transaction.js';
import type { Authentication, TokenSubject } from '../../lib/auth/authenticate.js';
import type { CancellationSignal } from '../../lib/batcher.js';
import type { Database } from '../../lib/db/database.js';
import { refuseViolations } from '../../lib/db/database-errors.js';
import {
  DropNotFoundError,
  NotYourReservationError,
  ReservationExpiredError,
  ReservationNotFoundError,
} from '../../inventory/inventory-errors.js';
import { AppError, IdempotencyKeyReusedError, TokenEndedError } from '../../lib/errors/index.js';
import { timeOrderedId } from '../../lib/time-ordered-id.js';
import { toIso } from '../../lib/time.js';
import { decideReleases, decideReservations, refusalOfDrop, type CoolDown } from './reservations.decide.js';
import { findActiveReservations } from './reservations.queries.js';
import { toReservationResponse, type HoldResponse, type ReservationResponse } from './reservations.schema.js';

/** Counts a request to reserve a drop that exists, which was refused with the code of a problem. */
export type CountRefusal = (dropId: string, code: string) => void;

interface ReservationsDependencies {
  readonly db: Database;
  readonly stockBatches: StockBatches;
  readonly loadReservationOwner: ReservationOwnerLoader;
  readonly authentication: Pick<Authentication, 'accountOf'>;
  /** How long a hold lasts unless the drop says. */
  readonly holdSeconds: number;
  readonly coolDown: CoolDown;
  readonly countRefusal: CountRefusal;
}

interface ReserveInput {
  readonly user: TokenSubject;
  readonly dropId: string;
  readonly idempotencyKey: string | undefined;
  readonly signal?: CancellationSignal;
}

/** A reservation, and whether an earlier request with the same key created it. */
interface Reserved {
  readonly reservation: ReservationResponse;
  readonly replayed: boolean;
}

interface AdminReleaseRequest extends ReleaseRequest {
  readonly admin: ChangeContext;
}

interface ReserveResult extends HoldResponse {
  readonly replayed: boolean;
}

export type ReservationsService = ReturnType<typeof createReservationsService>;

export function createReservationsService(dependencies: ReservationsDependencies) {
  const { db, stockBatches, loadReservationOwner, authentication, holdSeconds, coolDown, countRefusal } = dependencies;

  /** Serves a batch of reservations: steps 2 to 4 of a stock transaction, after it has locked the drop. */
  async function reserveBatch(
    context: StockContext,
    requests: readonly ReserveRequest[],
  ): Promise<StockChange<BatchOutcomes<Reserved>>> {
    // 1. Lock: inventory/stock-transaction.ts
    // 2. Load
    const state = await loadReserveState(context, requests, { maxUnpaid: coolDown.after });
    const { drop, reclaimed } = state;

    // 3. Decide
    const decisions = decideReservations(state, requests, coolDown);
    const granted = requests.filter((_, index) => decisions[index]?.kind === 'write');

    // 4. Write
    const isWritten = granted.length > 0 || reclaimed.length > 0;
    const options = { holdSeconds: drop.holdSeconds ?? holdSeconds, reclaimed };
    const written = isWritten ? await writeReservations(context, granted, options) : null;

    // The outcomes; then 5. Commit and publish: inventory/stock-transaction.ts
    const created = written?.times && toCreatedReservations(drop, written.times);
    // The drop may have ended between the two statements.
    const closed = written && refusalOfDrop({ ...drop, status: written.statusAtWrite });
    const result = requests.map(({ id, userId }, index) => {
      const decision = decisions[index];
      if (decision?.kind === 'refused') return decision.error;
      if (decision?.kind === 'found') {
        return { reservation: toReservationResponse(decision.reservation), replayed: decision.replayed };
      }
      // The account was closed between the two statements.
      if (written?.unwritten.has(id)) return new TokenEndedError('disabled');
      if (created) return { reservation: { id, userId, ...created }, replayed: false };
      if (closed) return closed;
      throw new Error(`No reservation was written for a granted request on drop ${drop.id}`);
    });
    return { result, drop: written?.drop ?? drop, reclaimed, hasChanged: Boolean(written?.drop) };
  }

  /**
   * Serves a batch of releases: steps 2 to 4 of a stock transaction, after it has locked the drop.
   *
   * @param admin who releases, and why. Left out: the owners do. Then the reservations that were released are published.
   */
  async function releaseBatch(
    context: StockContext,
    requests: readonly ReleaseRequest[],
    admin?: ChangeContext,
  ): Promise<StockChange<BatchOutcomes<ReservationResponse>>> {
    // 1. Lock: inventory/stock-transaction.ts
    // 2. Load
    const state = await loadReleaseState(context, requests);
    const { drop, reclaimed } = state;

    // 3. Decide
    const decisions = decideReleases(state, requests, context.mayHaveCommitted);
    const active = requests.filter((_, index) => decisions[index]?.kind === 'write');

    // 4. Write
    const ids = active.map(({ reservationId }) => reservationId);
    const isWritten = active.length > 0 || reclaimed.length > 0;
    const write = admin ? writeReleasesByAdmin(admin) : writeReleases;
    const written = isWritten ? await write(context, ids, reclaimed) : null;

    // The outcomes; then 5. Commit and publish: inventory/stock-transaction.ts
    const result = decisions.map((decision, index) => {
      if (decision.kind === 'refused') return decision.error;
      const reservation =
        decision.kind === 'found' ? decision.reservation : written?.released.get(requests[index]?.reservationId ?? '');
      // A reservation that is missing among the released ones expired between the two statements.
      return reservation ? toReservationResponse(reservation) : new ReservationExpiredError();
    });
    const released = admin ? [...(written?.released.values() ?? [])] : [];
    return {
      result,
      drop: written?.drop ?? drop,
      reclaimed: [...reclaimed, ...released.map((hold) => toReleasedHold(hold, 'released-by-admin'))],
      hasChanged: Boolean(written?.drop),
    };
  }

  const reservations = stockBatches({ name: 'reserve', userOf: ({ userId }) => userId, run: reserveBatch });
  const releases = stockBatches({
    name: 'release',
    userOf: ({ userId }: ReleaseRequest) => userId,
    run: (context, requests) => releaseBatch(context, requests),
  });
  // One by one: a row of the ledger names one admin and one reason.
  const adminReleases = stockBatches({
    name: 'admin-release',
    userOf: ({ userId }: AdminReleaseRequest) => userId,
    maxBatchSize: 1,
    run: (context, requests) => releaseBatch(context, requests, requests[0]?.admin),
  });

  /** Counts a request that was refused by the state of the drop or of its user. Counts neither a failure nor an ended token. */
  function recordRefusal(dropId: string, error: unknown): void {
    if (!(error instanceof AppError) || error.status >= 500 || error instanceof TokenEndedError) return;
    countRefusal(dropId, error.code);
  }

  async function submitReservation(dropId: string, request: ReserveRequest, signal: CancellationSignal | undefined) {
    try {
      return await reservations.submit(dropId, request, signal).catch(explainViolation);
    } catch (error) {
      recordRefusal(dropId, error);
      throw error;
    }
  }

  return {
    /**
     * Reserves one unit of a drop for its `holdSeconds` by the database's clock. With a key that the user used before for the
     * same drop, returns that reservation as it is now.
     *
     * @param input `user` is the subject of a token: the account may be closed. `signal` is aborted when the client
     * has disconnected: a request that still waits is not served.
     * @throws {TokenEndedError} and then the contract's refusals, in its order.
     * @throws {UnavailableError | OverloadedError | OutcomeUnknownError}
     */
    async reserve({ user, dropId, idempotencyKey, signal }: ReserveInput): Promise<ReserveResult> {
      const request = { id: timeOrderedId(), userId: user.id, token: user.token, idempotencyKey };
      const reserved = await submitReservation(dropId, request, signal);
      if (reserved) {
        const { reservation, replayed } = reserved.outcome;
        return { ...toHoldResponse(reservation, reserved), replayed };
      }
      // The drop does not exist, so no batch has loaded the account.
      await authentication.accountOf(user);
      const isReused = await isKeyUsed(db.reservation, user.id, idempotencyKey);
      throw isReused ? new IdempotencyKeyReusedError() : new DropNotFoundError();
    },

    /** The active reservations of a user whose time is not over, newest first. */
    async listActive(userId: string): Promise<ReservationResponse[]> {
      return (await findActiveReservations(db, userId)).map(toReservationResponse);
    },

    /**
     * Releases a reservation before its time is over. Returns one that was released before as it is.
     *
     * @throws {ReservationNotFoundError | NotYourReservationError | ReservationExpiredError | ReservationSettledError}
     * @throws {UnavailableError | OverloadedError | OutcomeUnknownError}
     */
    async release(userId: string, reservationId: string): Promise<HoldResponse> {
      const owner = await loadReservationOwner(reservationId);
      if (!owner) throw new ReservationNotFoundError();
      if (owner.userId !== userId) throw new NotYourReservationError();

      const released = await releases.submit(owner.dropId, { userId, reservationId });
      if (!released) throw new ReservationNotFoundError();
      return toHoldResponse(released.outcome, released);
    },

    /**
     * The same for the reservation of any user. The ledger names the admin and the reason, and the owner is notified.
     *
     * @throws as {@link release}, except that the reservation may be of any user.
     */
    async releaseByAdmin(reservationId: string, admin: ChangeContext): Promise<HoldResponse> {
      const owner = await loadReservationOwner(reservationId);
      if (!owner) throw new ReservationNotFoundError();

      const released = await adminReleases.submit(owner.dropId, { userId: owner.userId, reservationId, admin });
      if (!released) throw new ReservationNotFoundError();
      return toHoldResponse(released.outcome, released);
    },
  };
}

/** As {@link writeReleases}, with a movement of the ledger for the release alone, which names the admin. */
function writeReleasesByAdmin(admin: ChangeContext): typeof writeReleases {
  return async (context, ids, reclaimed) => {
    const drop = reclaimed.length > 0 ? await writeReclaimedUnits(context, reclaimed) : null;
    await setChangeContext(context.tx, admin);
    const written = await writeReleases(context, ids, []);
    return { ...written, drop: written.drop ?? drop };
  };
}

/** The members that all reservations created by one statement have in common. */
function toCreatedReservations(
  drop: Pick<DropRow, 'id' | 'price'>,
  times: { readonly createdAt: Date; readonly expiresAt: Date },
) {
  const createdAt = toIso(times.createdAt);
  return {
    dropId: drop.id,
    status: 'active' as const,
    price: drop.price.toFixed(2),
    createdAt,
    updatedAt: createdAt,
    expiresAt: toIso(times.expiresAt),
  };
}

function toHoldResponse(reservation: ReservationResponse, { drop, serverTime }: BatchResult<unknown>): HoldResponse {
  return { reservation, availableStock: drop.availableStock, serverTime };
}

const explainViolation = refuseViolations({
  // A concurrent request with the same key, for another drop, committed first.
  reservations_user_id_idempotency_key_key: () => new IdempotencyKeyReusedError(),
});

import type { Prisma } from '../../generated/prisma/client.js';
import type { StockContext } from '../stock-context.js';

// Each statement writes one fact of the life cycle. drop_status() in the migrations derives the status from all of them. A statement
// that finds its fact written changes nothing, so it may run again.

/** Ends the draft. The time is set by a trigger. */
export async function writePublished({ tx, dropId }: StockContext): Promise<void> {
  await tx.$executeRaw`
    UPDATE drops d SET published_at = clock_timestamp() WHERE d.id = ${dropId}::uuid AND d.published_at IS NULL`;
}

export async function writePaused({ tx, dropId }: StockContext): Promise<void> {
  await tx.$executeRaw`
    UPDATE drops d SET paused_at = clock_timestamp() WHERE d.id = ${dropId}::uuid AND d.paused_at IS NULL`;
}

export async function writeResumed({ tx, dropId }: StockContext): Promise<void> {
  await tx.$executeRaw`
    UPDATE drops d SET paused_at = NULL WHERE d.id = ${dropId}::uuid AND d.paused_at IS NOT NULL`;
}

/**
 * Sets the end to now, unless the drop has ended. Truncated, because the column rounds, and the drop would go on for half a
 * millisecond; and after the start, for a drop that has just started.
 */
export async function writeEnded({ tx, dropId }: StockContext): Promise<void> {
  await tx.$executeRaw`
    UPDATE drops d
    SET drop_ends_at = greatest(date_trunc('milliseconds', clock_timestamp()), d.drop_starts_at + interval '1 ms')
    WHERE d.id = ${dropId}::uuid AND (d.drop_ends_at > clock_timestamp()) IS NOT FALSE`;
}

/** From then on, every stock transaction of the drop reclaims its holds. */
export async function writeCancelled({ tx, dropId }: StockContext): Promise<void> {
  await tx.$executeRaw`
    UPDATE drops d SET cancelled_at = clock_timestamp() WHERE d.id = ${dropId}::uuid AND d.cancelled_at IS NULL`;
}

/** The currency of a drop, and whether a unit was ever reserved: then it stays, which a trigger enforces as well. */
export interface CurrencyState {
  readonly currency: string;
  readonly isFixed: boolean;
}

export async function loadCurrency({ tx, dropId }: StockContext): Promise<CurrencyState> {
  const [state] = await tx.$queryRaw<[CurrencyState]>`
    SELECT d.currency,
           d.reserved_stock + d.sold_stock > 0 OR s.expired_holds > 0 OR s.released_holds > 0 OR s.revenue > 0 AS "isFixed"
    FROM drops d JOIN drop_stats s ON s.drop_id = d.id
    WHERE d.id = ${dropId}::uuid`;
  return state;
}

/** New values of a drop's details. A detail that is left out stays as it is; null means none, and of the start now. */
export interface DropDetails {
  readonly name?: string | undefined;
  readonly price?: Prisma.Decimal | string | undefined;
  readonly currency?: string | undefined;
  readonly description?: string | null | undefined;
  readonly imageUrl?: string | null | undefined;
  readonly dropStartsAt?: string | null | undefined;
  readonly dropEndsAt?: string | null | undefined;
  readonly limitPerUser?: number | null | undefined;
  /** Of holds that are made from then on; null: as long as the setting RESERVATION_TTL_SECONDS says. */
  readonly holdSeconds?: number | null | undefined;
}

/** Changes details of a drop. A row that stays the same gets no new version. */
export async function writeDetails({ tx, dropId }: StockContext, details: DropDetails): Promise<void> {
  const { name, price, currency, description, imageUrl, dropStartsAt, dropEndsAt, limitPerUser, holdSeconds } = details;
  await tx.$executeRaw`
    UPDATE drops d
    SET name = coalesce(${name ?? null}::text, d.name),
        price = coalesce(${price ?? null}::numeric, d.price),
        currency = coalesce(${currency ?? null}::text, d.currency),
        description = CASE WHEN ${description === undefined} THEN d.description ELSE ${description ?? null}::text END,
        drop_starts_at = CASE WHEN ${dropStartsAt === undefined} THEN d.drop_starts_at
          ELSE coalesce(${dropStartsAt ?? null}::timestamptz, date_trunc('milliseconds', clock_timestamp())) END,
        image_url = CASE WHEN ${imageUrl === undefined} THEN d.image_url ELSE ${imageUrl ?? null}::text END,
        drop_ends_at = CASE WHEN ${dropEndsAt === undefined} THEN d.drop_ends_at ELSE ${dropEndsAt ?? null}::timestamptz END,
        limit_per_user = CASE WHEN ${limitPerUser === undefined} THEN d.limit_per_user ELSE ${limitPerUser ?? null}::int END,
        hold_seconds = CASE WHEN ${holdSeconds === undefined} THEN d.hold_seconds ELSE ${holdSeconds ?? null}::int END
    WHERE d.id = ${dropId}::uuid`;
}

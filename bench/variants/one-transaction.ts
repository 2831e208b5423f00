import type { Drop, Prisma, Reservation } from '../../src/generated/prisma/client.js';
import {
  AlreadyReservedError,
  DropEndedError,
  DropNotFoundError,
  DropNotStartedError,
  SoldOutError,
} from '../../src/inventory/inventory-errors.js';
import { CONNECTIONS, databaseUrlOfProcess, HOLD_TTL_MS, openPlainPrisma, type ReservationService } from './support.js';

/** Long enough for the last of 5 000 concurrent requests. */
const LONG_TIMEOUTS_MS = { maxWait: 120_000, timeout: 120_000 };

/**
 * One Prisma interactive transaction per request: lock the drop, check, insert, update. It does less than the service: it does
 * not reclaim overdue holds and has no pause, limit per user or idempotency key.
 */
export function openOneTransactionService(databaseUrl: string): ReservationService {
  const prisma = openPlainPrisma(databaseUrl, CONNECTIONS);
  return {
    reserve: ({ user, dropId }) => prisma.$transaction((tx) => reserveIn(tx, user.id, dropId), LONG_TIMEOUTS_MS),
    close: () => prisma.$disconnect(),
  };
}

/** The same with Prisma's defaults: 10 connections, 2 s to wait for one, 5 s for the transaction. */
export function openPrismaDefaultsService(databaseUrl: string): ReservationService {
  const prisma = openPlainPrisma(databaseUrl);
  return {
    reserve: ({ user, dropId }) => prisma.$transaction((tx) => reserveIn(tx, user.id, dropId)),
    close: () => prisma.$disconnect(),
  };
}

/** Replaces the module's service. */
export function createReservationsService(): ReservationService {
  return openOneTransactionService(databaseUrlOfProcess());
}

async function reserveIn(tx: Prisma.TransactionClient, userId: string, dropId: string) {
  const [drop] = await tx.$queryRaw<Pick<Drop, 'availableStock' | 'dropStartsAt' | 'dropEndsAt'>[]>`
    SELECT available_stock AS "availableStock", drop_starts_at AS "dropStartsAt", drop_ends_at AS "dropEndsAt"
    FROM drops WHERE id = ${dropId}::uuid FOR UPDATE`;
  if (!drop) throw new DropNotFoundError();
  const now = new Date();
  if (drop.dropEndsAt && drop.dropEndsAt <= now) throw new DropEndedError('ended');
  if (drop.dropStartsAt > now) throw new DropNotStartedError(drop.dropStartsAt.toISOString());
  if (drop.availableStock < 1) throw new SoldOutError('all_held');
  const held = await tx.reservation.findFirst({ where: { userId, dropId, status: 'active' } });
  if (held) throw new AlreadyReservedError(toResponse(held));

  const expiresAt = new Date(now.getTime() + HOLD_TTL_MS);
  const reservation = await tx.reservation.create({ data: { userId, dropId, expiresAt } });
  const { availableStock } = await tx.drop.update({
    where: { id: dropId },
    data: { availableStock: { decrement: 1 }, reservedStock: { increment: 1 } },
  });
  return { reservation: toResponse(reservation), availableStock, serverTime: now.toISOString(), replayed: false };
}

export function toResponse({ id, userId, dropId, status, price, expiresAt, createdAt, updatedAt }: Reservation) {
  return {
    id,
    userId,
    dropId,
    status,
    price: price === null ? null : Number(price).toFixed(2),
    expiresAt: expiresAt.toISOString(),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

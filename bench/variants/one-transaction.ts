import type { Drop, Prisma, Reservation } from '../../src/generated/prisma/client.js';
import {
  AlreadyReservedError,
  DropEndedError,
  DropNotFoundError,
  DropNotStartedError,
  SoldOutError,
} from '../../src/inventory/inventory-errors.js';
import { CONNECTIONS, openPlainPrisma } from './plain-prisma.js';
import { TTL_MS, type Reserver } from './reserver.js';

/** ms. Long enough for whoever is last in a crowd of 5 000. */
const PATIENT = { maxWait: 120_000, timeout: 120_000 };

/**
 * The plain way: one Prisma interactive transaction a request, that locks the drop, checks, inserts and updates. It does
 * less than the service: it releases no overdue holds, and knows no pause, no limit per user and no idempotency key.
 */
export function openOneTransactionReserver(databaseUrl: string): Reserver {
  const prisma = openPlainPrisma(databaseUrl, CONNECTIONS);
  return {
    reserve: ({ user, dropId }) => prisma.$transaction((tx) => reserveIn(tx, user.id, dropId), PATIENT),
    close: () => prisma.$disconnect(),
  };
}

/** The same with all that Prisma has by default: 10 connections, 2 s to wait for one, 5 s for the transaction. */
export function openPrismaDefaultsReserver(databaseUrl: string): Reserver {
  const prisma = openPlainPrisma(databaseUrl);
  return {
    reserve: ({ user, dropId }) => prisma.$transaction((tx) => reserveIn(tx, user.id, dropId)),
    close: () => prisma.$disconnect(),
  };
}

async function reserveIn(tx: Prisma.TransactionClient, userId: string, dropId: string) {
  const [drop] = await tx.$queryRaw<Pick<Drop, 'availableStock' | 'dropStartsAt' | 'dropEndsAt'>[]>`
    SELECT available_stock AS "availableStock", drop_starts_at AS "dropStartsAt", drop_ends_at AS "dropEndsAt"
    FROM drops WHERE id = ${dropId}::uuid FOR UPDATE`;
  if (!drop) throw new DropNotFoundError();
  const now = new Date();
  if (drop.dropEndsAt && drop.dropEndsAt <= now) throw new DropEndedError('ended');
  if (drop.dropStartsAt > now) throw new DropNotStartedError(drop.dropStartsAt.toISOString());
  if (drop.availableStock < 1) throw new SoldOutError();
  const held = await tx.reservation.findFirst({ where: { userId, dropId, status: 'active' } });
  if (held) throw new AlreadyReservedError(present(held));

  const expiresAt = new Date(now.getTime() + TTL_MS);
  const reservation = await tx.reservation.create({ data: { userId, dropId, expiresAt } });
  const { availableStock } = await tx.drop.update({
    where: { id: dropId },
    data: { availableStock: { decrement: 1 }, reservedStock: { increment: 1 } },
  });
  return { reservation: present(reservation), availableStock, serverTime: now.toISOString(), replayed: false };
}

/** A reservation as the API shows it. */
export function present({ id, userId, dropId, status, expiresAt, createdAt, updatedAt }: Reservation) {
  return {
    id,
    userId,
    dropId,
    status,
    expiresAt: expiresAt.toISOString(),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

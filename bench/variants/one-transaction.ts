import type { Drop, Reservation } from '../../src/generated/prisma/client.js';
import {
  AlreadyReservedError,
  DropEndedError,
  DropNotFoundError,
  DropNotStartedError,
  SoldOutError,
} from '../../src/lib/errors/index.js';
import type { Reserver, ReserverDependencies } from './reserver.js';

interface TransactionLimits {
  readonly maxWait?: number;
  readonly timeout?: number;
}

/** ms. Long enough for whoever is last in a crowd of 5 000. */
const PATIENT: TransactionLimits = { maxWait: 120_000, timeout: 120_000 };

/**
 * The plain way: one Prisma interactive transaction a request, that locks the drop, checks, inserts and updates. It does
 * less than the service: it releases no overdue holds, and knows no pause, no limit per user and no idempotency key.
 */
export function createOneTransactionReserver(
  { db, ttlSeconds }: ReserverDependencies,
  limits: TransactionLimits = PATIENT,
): Reserver {
  return {
    reserve: ({ user, dropId }) =>
      db.$transaction(async (tx) => {
        const [drop] = await tx.$queryRaw<Pick<Drop, 'availableStock' | 'dropStartsAt' | 'dropEndsAt'>[]>`
          SELECT available_stock AS "availableStock", drop_starts_at AS "dropStartsAt", drop_ends_at AS "dropEndsAt"
          FROM drops WHERE id = ${dropId}::uuid FOR UPDATE`;
        if (!drop) throw new DropNotFoundError();
        const now = new Date();
        if (drop.dropEndsAt && drop.dropEndsAt <= now) throw new DropEndedError('ended');
        if (drop.dropStartsAt > now) throw new DropNotStartedError(drop.dropStartsAt.toISOString());
        if (drop.availableStock < 1) throw new SoldOutError();
        const held = await tx.reservation.findFirst({ where: { userId: user.id, dropId, status: 'active' } });
        if (held) throw new AlreadyReservedError(present(held));

        const expiresAt = new Date(now.getTime() + ttlSeconds * 1000);
        const reservation = await tx.reservation.create({ data: { userId: user.id, dropId, expiresAt } });
        const { availableStock } = await tx.drop.update({
          where: { id: dropId },
          data: { availableStock: { decrement: 1 }, reservedStock: { increment: 1 } },
        });
        return { reservation: present(reservation), availableStock, serverTime: now.toISOString(), replayed: false };
      }, limits),
  };
}

/** The same with the limits that Prisma has if none are given: 2 s for a connection, 5 s for the transaction. */
export function createPrismaDefaultsReserver(dependencies: ReserverDependencies): Reserver {
  return createOneTransactionReserver(dependencies, {});
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

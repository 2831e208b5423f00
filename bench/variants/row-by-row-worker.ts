import type { Prisma } from '../../src/generated/prisma/client.js';
import type { createExpiryWorker as createOurs } from '../../src/worker/expiry-worker.js';

/** Holds found at a time. */
const FOUND_AT_ONCE = 1_000;

/**
 * In place of the service's own worker: the plain way, one Prisma interactive transaction a hold, that locks the drop, ends
 * the hold and gives its unit back. It announces nothing.
 */
export function createExpiryWorker({ db }: Parameters<typeof createOurs>[0]): ReturnType<typeof createOurs> {
  let stopping = false;
  const isStopping = () => stopping;
  let ended = Promise.resolve();

  async function sweep(): Promise<void> {
    while (!isStopping()) {
      const overdue = await db.reservation.findMany({
        where: { status: 'active', expiresAt: { lte: new Date() } },
        select: { id: true, dropId: true },
        orderBy: { expiresAt: 'asc' },
        take: FOUND_AT_ONCE,
      });
      if (overdue.length === 0) return;
      for (const hold of overdue) {
        if (isStopping()) return;
        await db.$transaction((tx) => expire(tx, hold));
      }
    }
  }

  return {
    runOnce: () => Promise.reject(new Error('it is started and stopped')),
    start() {
      ended = sweep();
      // Whoever stops it hears of a failure.
      ended.catch(() => undefined);
    },
    async stop() {
      stopping = true;
      await ended;
    },
  };
}

async function expire(tx: Prisma.TransactionClient, { id, dropId }: { id: string; dropId: string }): Promise<void> {
  await tx.$queryRaw`SELECT id FROM drops WHERE id = ${dropId}::uuid FOR UPDATE`;
  const now = new Date();
  const { count } = await tx.reservation.updateMany({
    where: { id, status: 'active' },
    data: { status: 'expired', settledAt: now },
  });
  if (count === 0) return;
  await tx.drop.update({
    where: { id: dropId },
    data: { availableStock: { increment: 1 }, reservedStock: { decrement: 1 } },
  });
}

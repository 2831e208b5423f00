import type { Prisma } from '../../src/generated/prisma/client.js';
import type { createExpiryWorker as createOurs } from '../../src/worker/expiry-worker.js';

const HOLDS_PER_QUERY = 1_000;

/**
 * Replaces the service's worker: one Prisma interactive transaction per hold that locks the drop, expires the reservation and
 * returns its unit to the stock. It publishes nothing.
 */
export function createExpiryWorker({ db }: Parameters<typeof createOurs>[0]): ReturnType<typeof createOurs> {
  const stopping = new AbortController();
  let ended = Promise.resolve();

  async function sweep(): Promise<void> {
    const isStopping = () => stopping.signal.aborted;
    while (!isStopping()) {
      const overdue = await db.reservation.findMany({
        where: { status: 'active', expiresAt: { lte: new Date() } },
        select: { id: true, dropId: true },
        orderBy: { expiresAt: 'asc' },
        take: HOLDS_PER_QUERY,
      });
      if (overdue.length === 0) return;
      for (const hold of overdue) {
        if (isStopping()) return;
        await db.$transaction((tx) => expire(tx, hold));
      }
    }
  }

  return {
    runOnce: () => Promise.reject(new Error('this worker has only start() and stop()')),
    isIdle: false,
    wake: () => undefined,
    start() {
      ended = sweep();
      // stop() rejects; the failure must not cause an unhandled rejection before.
      ended.catch(() => undefined);
    },
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}

async function expire(tx: Prisma.TransactionClient, { id, dropId }: { id: string; dropId: string }): Promise<void> {
  await tx.$queryRaw`SELECT id FROM drops WHERE id = ${dropId}::uuid FOR UPDATE`;
  const { count } = await tx.reservation.updateMany({
    where: { id, status: 'active' },
    data: { status: 'expired', settledAt: new Date() },
  });
  if (count === 0) return;
  await tx.drop.update({
    where: { id: dropId },
    data: { availableStock: { increment: 1 }, reservedStock: { decrement: 1 } },
  });
}

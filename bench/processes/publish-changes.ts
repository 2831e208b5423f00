import { setTimeout as sleep } from 'node:timers/promises';
import type { Broadcaster } from '../../src/realtime/broadcast/broadcaster.js';
import { clock } from './child.js';

/** Changes of one drop, published as the services publish after a commit. */
export interface ChangesPlan {
  readonly dropId: string;
  readonly perSecond: number;
  /** By {@link clock}: version `n + 1` is due n intervals later. */
  readonly startAt: number;
  /** The CPU time between these two times after the start is measured; the second also ends the changes. */
  readonly countFromMs: number;
  readonly countToMs: number;
}

export interface PublishedChanges {
  readonly lastVersion: number;
  /** CPU time of all threads in the measured time. */
  readonly cpuMs: number;
}

/** How long the loop publishes overdue changes without a pause for other work of the process. */
const MAX_STRETCH_MS = 10;

/** Publishes each change when it is due. A process that falls behind publishes as many as it can. */
export async function publishChanges(
  publish: Broadcaster['publish'],
  { dropId, perSecond, startAt, countFromMs, countToMs }: ChangesPlan,
): Promise<PublishedChanges> {
  let version = 1;
  async function publishUntil(end: number): Promise<void> {
    for (;;) {
      const now = clock();
      const due = 1 + Math.floor(((Math.min(now, end) - startAt) * perSecond) / 1000);
      for (const pauseAt = now + MAX_STRETCH_MS; version < due && clock() < pauseAt;) {
        version += 1;
        publish('inventory_update', snapshotAt(dropId, version));
      }
      if (clock() >= end) return;
      await sleep(1);
    }
  }
  await publishUntil(startAt + countFromMs);
  const before = process.cpuUsage();
  await publishUntil(startAt + countToMs);
  const { user, system } = process.cpuUsage(before);
  return { lastVersion: version, cpuMs: (user + system) / 1000 };
}

const TOTAL = 1_000_000;

function snapshotAt(dropId: string, version: number) {
  const reservedStock = version % TOTAL;
  const availableStock = TOTAL - reservedStock;
  return { dropId, availableStock, reservedStock, soldStock: 0, totalStock: TOTAL, version, status: 'live' as const };
}

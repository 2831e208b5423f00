import { setTimeout as sleep } from 'node:timers/promises';
import type { Broadcaster } from '../../src/realtime/broadcast/broadcaster.js';
import { clock } from './clock.js';

/** Changes of one drop, announced as the services announce what they have committed. */
export interface Announcement {
  readonly dropId: string;
  readonly perSecond: number;
  /** By {@link clock}: version `n + 1` is due n intervals later. */
  readonly startAt: number;
  /** ms after the start in which the processor's time is counted. */
  readonly countFrom: number;
  readonly countTo: number;
}

export interface Announced {
  readonly lastVersion: number;
  /** ms of a processor, all threads, between the two times. */
  readonly cpu: number;
}

/** ms. The longest that it announces without letting the process do anything else. */
const STRETCH = 10;

/**
 * Announces every change as soon as it is due, one by one, until `countTo`; a process that is behind announces as many as it
 * can.
 */
export async function announceChanges(
  publish: Broadcaster['publish'],
  { dropId, perSecond, startAt, countFrom, countTo }: Announcement,
): Promise<Announced> {
  let version = 1;
  async function announceUntil(end: number): Promise<void> {
    for (;;) {
      const now = clock();
      const due = 1 + Math.floor(((Math.min(now, end) - startAt) * perSecond) / 1000);
      for (const pause = now + STRETCH; version < due && clock() < pause;) {
        version += 1;
        publish('inventory_update', pictureAt(dropId, version));
      }
      if (clock() >= end) return;
      await sleep(1);
    }
  }
  await announceUntil(startAt + countFrom);
  const before = process.cpuUsage();
  await announceUntil(startAt + countTo);
  const { user, system } = process.cpuUsage(before);
  return { lastVersion: version, cpu: (user + system) / 1000 };
}

const TOTAL = 1_000_000;

function pictureAt(dropId: string, version: number) {
  const reservedStock = version % TOTAL;
  const availableStock = TOTAL - reservedStock;
  return { dropId, availableStock, reservedStock, soldStock: 0, totalStock: TOTAL, version, status: 'live' as const };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { createDropFeed, type DropFeed, type InventorySnapshot } from '../../../src/client/index.js';
import type { TestUser } from '../../helpers/app.js';
import type { TestDatabase } from '../../helpers/database.js';
import type { ProxiedConnection } from '../../helpers/tcp-proxy.js';

/** Numbers from 0 to 1, the same sequence for each seed. */
export type Random = () => number;

/** Mulberry32, by Tommy Ettinger. */
export function createRandom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixedBits = Math.imul(state ^ (state >>> 15), 1 | state);
    mixedBits = (mixedBits + Math.imul(mixedBits ^ (mixedBits >>> 7), 61 | mixedBits)) ^ mixedBits;
    return ((mixedBits ^ (mixedBits >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function pick<T>(random: Random, from: readonly T[]): T {
  const picked = from[Math.floor(random() * from.length)];
  if (picked === undefined) throw new Error('nothing to pick from');
  return picked;
}

export interface FaultRun {
  /** Resolves when faults begin: on a slow machine, no client might ever connect under faults. */
  readonly started: Promise<void>;
  readonly stop: AbortSignal;
  readonly count: { cut: number; stall: number; delay: number };
}

const MAX_PAUSE_MS = 2_000;
const MAX_STALL_MS = 2_000;
const MAX_DELAY_MS = 150;

/** Injects faults into one connection until it or the run ends. */
export async function injectFaults(
  connection: ProxiedConnection,
  random: Random,
  { started, stop, count }: FaultRun,
): Promise<void> {
  await started;
  const wait = (maxMs: number) => sleep(random() * maxMs, undefined, { signal: stop }).catch(() => undefined);
  await wait(MAX_PAUSE_MS);
  while (connection.isOpen && !stop.aborted) {
    const fault = pick(random, ['cut', 'stall', 'delay'] as const);
    count[fault] += 1;
    if (fault === 'cut') connection.cut();
    if (fault === 'delay') connection.delay(random() * MAX_DELAY_MS);
    if (fault === 'stall') {
      connection.stall();
      await wait(MAX_STALL_MS);
      connection.resume();
    }
    await wait(MAX_PAUSE_MS);
  }
  connection.delay(0);
}

/** A client, with a record of what it received and presented. */
export interface Watcher {
  readonly feed: DropFeed;
  /** The followed drops. */
  readonly dropIds: readonly string[];
  /** Connections that were established. */
  readonly connections: number;
  /** Each update whose version was not higher than the one before it. */
  readonly contradictions: readonly string[];
}

/** @param dropIds the drops to follow; undefined: all. */
export function watch(url: string, dropIds: readonly string[] | undefined, all: readonly string[]): Watcher {
  const contradictions: string[] = [];
  let connections = 0;
  /** The highest version of each drop in the raw events of this connection. */
  let received = new Map<string, number>();
  const shown = new Map<string, number>();

  const feed = createDropFeed(url, {
    ...(dropIds && { dropIds }),
    staleAfter: 8_000,
    connect(...to) {
      const socket = io(...to);
      socket.on('connect', () => {
        connections += 1;
        received = new Map();
      });
      socket.onAny((name: string, { id = '', dropId = id, version }: Partial<InventorySnapshot> & { id?: string }) => {
        if (version === undefined) return;
        const highest = received.get(dropId) ?? 0;
        // Details may change by time alone, and follow the snapshot of the same version.
        const isOutdated = name === 'inventory_update' ? version <= highest : version < highest;
        if (isOutdated) contradictions.push(`connection ${connections}: ${name} ${version} after ${highest}`);
        received.set(dropId, Math.max(highest, version));
      });
      return socket;
    },
  });
  feed.on('change', (dropId, snapshot) => {
    const highest = shown.get(dropId) ?? 0;
    if (!snapshot || snapshot.version <= highest) contradictions.push(`showed ${snapshot?.version} after ${highest}`);
    shown.set(dropId, snapshot?.version ?? 0);
  });
  return {
    feed,
    dropIds: dropIds ?? all,
    get connections() {
      return connections;
    },
    contradictions,
  };
}

/** Where clients differ from the database. There must be no difference after the last change was sent. */
export async function differences(watchers: readonly Watcher[], database: TestDatabase): Promise<string[]> {
  const { rows } = await database.query<InventorySnapshot>(
    `SELECT id AS "dropId", available_stock AS "availableStock", reserved_stock AS "reservedStock",
            sold_stock AS "soldStock", total_stock AS "totalStock", version, drop_status(d) AS status FROM drops d`,
  );
  const expected = new Map(rows.map((row) => [row.dropId, JSON.stringify(row)]));
  return watchers.flatMap(({ feed, dropIds }, index) => [
    ...(feed.status === 'live' ? [] : [`client ${index} is ${feed.status}: ${feed.error?.message}`]),
    ...(feed.drops().length === dropIds.length ? [] : [`client ${index} shows ${feed.drops().length} drops`]),
    ...dropIds.flatMap((dropId) => {
      const shown = JSON.stringify(feed.get(dropId));
      return shown === expected.get(dropId) ? [] : [`client ${index}: ${shown}, expected ${expected.get(dropId)}`];
    }),
  ]);
}

interface TradeOptions {
  /** Addresses of the running services. */
  readonly services: () => readonly string[];
  readonly dropIds: readonly string[];
  readonly users: readonly TestUser[];
  readonly random: Random;
  /** Successful requests, by address. */
  readonly successCounts: Map<string, number>;
  readonly stop: AbortSignal;
}

/** A user who reserves, purchases, releases and lets reservations expire, at random services. */
export async function trade({ services, dropIds, users, random, successCounts, stop }: TradeOptions): Promise<void> {
  const holds: { id: string; user: TestUser }[] = [];

  async function call(method: string, path: string, user: TestUser, body?: object): Promise<string | undefined> {
    const url = pick(random, services());
    // A killed service does not respond.
    const response = await fetch(`${url}/api/${path}`, {
      method,
      headers: { Authorization: `Bearer ${user.token}`, ...(body && { 'Content-Type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    }).catch(() => null);
    const { data } = ((await response?.json().catch(() => null)) ?? {}) as { data?: { reservation?: { id: string } } };
    if (response?.ok) successCounts.set(url, (successCounts.get(url) ?? 0) + 1);
    return data?.reservation?.id;
  }

  while (!stop.aborted) {
    const hold = random() < 0.5 ? holds.shift() : undefined;
    if (!hold) {
      const user = pick(random, users);
      const id = await call('POST', 'reservations', user, { dropId: pick(random, dropIds) });
      if (id !== undefined) holds.push({ id, user });
    } else if (random() < 0.6) {
      await call('POST', 'purchases', hold.user, { reservationId: hold.id });
    } else {
      await call('DELETE', `reservations/${hold.id}`, hold.user);
    }
    await sleep(random() * 40);
  }
}

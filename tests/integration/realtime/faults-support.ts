import { setTimeout as sleep } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { createDropFeed, type DropFeed, type InventorySnapshot } from '../../../src/client/index.js';
import type { TestUser } from '../../helpers/app.js';
import type { TestDatabase } from '../../helpers/database.js';
import type { ProxiedConnection } from '../../helpers/tcp-proxy.js';

/** Numbers from 0 to 1, always the same ones for a seed. */
export type Random = () => number;

/** Mulberry32, by Tommy Ettinger: short, and even enough for a storm. */
export function createRandom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function pick<T>(random: Random, from: readonly T[]): T {
  const picked = from[Math.floor(random() * from.length)];
  if (picked === undefined) throw new Error('nothing to pick from');
  return picked;
}

export interface Storm {
  readonly over: AbortSignal;
  readonly count: { cut: number; stall: number; delay: number };
}

/** ms. */
const CALM = 2_000;
const LONGEST_STALL = 2_000;
const LONGEST_DELAY = 150;

/** What befalls one connection, from its beginning to its end or that of the storm. */
export async function rage(connection: ProxiedConnection, random: Random, { over, count }: Storm): Promise<void> {
  const wait = (longest: number) => sleep(random() * longest, undefined, { signal: over }).catch(() => undefined);
  await wait(CALM);
  while (connection.isOpen && !over.aborted) {
    const what = pick(random, ['cut', 'stall', 'delay'] as const);
    count[what] += 1;
    if (what === 'cut') connection.cut();
    if (what === 'delay') connection.delay(random() * LONGEST_DELAY);
    if (what === 'stall') {
      connection.stall();
      await wait(LONGEST_STALL);
      connection.resume();
    }
    await wait(CALM);
  }
  connection.delay(0);
}

/** A client, and all that it was told and has shown. */
export interface Watcher {
  readonly feed: DropFeed;
  /** The drops that it follows. */
  readonly dropIds: readonly string[];
  /** How often it was connected. */
  readonly connections: number;
  /** Where something went back to an older version, or to the same one. */
  readonly contradictions: readonly string[];
}

/** @param dropIds undefined: all. */
export function watch(url: string, dropIds: readonly string[] | undefined, all: readonly string[]): Watcher {
  const contradictions: string[] = [];
  let connections = 0;
  /** The newest version of each drop, of the raw events of this connection. */
  let told = new Map<string, number>();
  const shown = new Map<string, number>();

  const feed = createDropFeed(url, {
    ...(dropIds && { dropIds }),
    staleAfter: 2_000,
    connect(...to) {
      const socket = io(...to);
      socket.on('connect', () => {
        connections += 1;
        told = new Map();
      });
      socket.onAny((name: string, { id = '', dropId = id, version }: Partial<InventorySnapshot> & { id?: string }) => {
        if (version === undefined) return;
        const known = told.get(dropId) ?? 0;
        // Details may change with the time alone, and come after the picture of the same version.
        const isOld = name === 'inventory_update' ? version <= known : version < known;
        if (isOld) contradictions.push(`connection ${connections}: ${name} ${version} after ${known}`);
        told.set(dropId, Math.max(known, version));
      });
      return socket;
    },
  });
  feed.on('change', (dropId, picture) => {
    const known = shown.get(dropId) ?? 0;
    if (!picture || picture.version <= known) contradictions.push(`showed ${picture?.version} after ${known}`);
    shown.set(dropId, picture?.version ?? 0);
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

/** What a client shows that is not how things stand, or shows no more; none of it must be once all is at rest. */
export async function differences(watchers: readonly Watcher[], database: TestDatabase): Promise<string[]> {
  const { rows } = await database.query<InventorySnapshot>(
    `SELECT id AS "dropId", available_stock AS "availableStock", reserved_stock AS "reservedStock",
            sold_stock AS "soldStock", total_stock AS "totalStock", version, drop_status(d) AS status FROM drops d`,
  );
  const truth = new Map(rows.map((row) => [row.dropId, JSON.stringify(row)]));
  return watchers.flatMap(({ feed, dropIds }, index) => [
    ...(feed.status === 'live' ? [] : [`client ${index} is ${feed.status}: ${feed.error?.message}`]),
    ...(feed.drops().length === dropIds.length ? [] : [`client ${index} shows ${feed.drops().length} drops`]),
    ...dropIds.flatMap((dropId) => {
      const shown = JSON.stringify(feed.get(dropId));
      return shown === truth.get(dropId) ? [] : [`client ${index}: ${shown}, and it is ${truth.get(dropId)}`];
    }),
  ]);
}

interface Market {
  /** Addresses of the services that are there at the moment. */
  readonly services: () => readonly string[];
  readonly dropIds: readonly string[];
  readonly users: readonly TestUser[];
  readonly random: Random;
  /** How often a service did what it was asked for, by its address. */
  readonly done: Map<string, number>;
  readonly closes: AbortSignal;
}

/** Somebody who reserves, purchases, releases and lets lapse, here and there. */
export async function trade({ services, dropIds, users, random, done, closes }: Market): Promise<void> {
  const holds: { id: string; user: TestUser }[] = [];

  async function call(method: string, path: string, user: TestUser, body?: object): Promise<string | undefined> {
    const url = pick(random, services());
    // Whoever is killed does not answer.
    const answer = await fetch(`${url}/api/${path}`, {
      method,
      headers: { Authorization: `Bearer ${user.token}`, ...(body && { 'Content-Type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    }).catch(() => null);
    const { data } = ((await answer?.json().catch(() => null)) ?? {}) as { data?: { reservation?: { id: string } } };
    if (answer?.ok) done.set(url, (done.get(url) ?? 0) + 1);
    return data?.reservation?.id;
  }

  while (!closes.aborted) {
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

import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { insertHolds, type HoldsPlan } from '../harness/fill-database.js';
import { summarizeLatencies, type Latencies } from '../harness/statistics.js';
import { runChild } from './child.js';
import { CONNECT, connectSocket, EVENT } from './live-client.js';

/** Clients that receive every public event while holds expire. */
export interface ExpiryWatchPlan extends HoldsPlan {
  readonly databaseUrl: string;
  readonly port: number;
  readonly clients: number;
  /** Holds that expire earlier after the first expiry are not counted: the first executions of the code take longer. */
  readonly countFromMs: number;
  /** How long after the last expiry the clients wait for events. */
  readonly timeoutMs: number;
}

export interface ExpiryWatchResult {
  /**
   * From the deadline of a hold until a client had both its `reservation_update` and a snapshot with its unit available, over
   * all counted holds and clients.
   */
  readonly delay: Latencies;
  /** From the first deadline until the database had reclaimed all units. */
  readonly allReclaimedMs: number;
  /** From the first deadline until every client had a snapshot of every drop without a held unit. */
  readonly allShownMs: number;
  /** Repeated `reservation_update` events, over all clients. */
  readonly repeatedEvents: number;
  /** Missing `reservation_update` events, over all clients. */
  readonly missingEvents: number;
}

interface Hold {
  readonly id: string;
  readonly dropId: string;
  /** Milliseconds since 1970, by PostgreSQL's clock: on one machine the same as this process's. */
  readonly expiresAt: number;
  /** Units still held once this hold and all that expire before it have expired. */
  readonly heldAfter: number;
}

type ExpiryClient = Awaited<ReturnType<typeof openExpiryClient>>;

async function watch(plan: ExpiryWatchPlan): Promise<ExpiryWatchResult> {
  const database = new pg.Client({ connectionString: plan.databaseUrl });
  await database.connect();
  const query = async <Row extends pg.QueryResultRow>(sql: string, values?: unknown[]) =>
    (await database.query<Row>(sql, values)).rows;
  try {
    const clients = await Promise.all(Array.from({ length: plan.clients }, () => openExpiryClient(plan.port)));
    const first = await insertHolds(query, plan);
    const holds = await query<Hold & { expiresAt: number }>(
      `SELECT id, drop_id AS "dropId", extract(epoch FROM expires_at)::float8 * 1000 AS "expiresAt",
              (row_number() OVER (PARTITION BY drop_id ORDER BY expires_at DESC, id DESC) - 1)::int AS "heldAfter"
       FROM reservations WHERE status = 'active'`,
    );
    // Discards the snapshots of the new drops.
    for (const client of clients) client.clear();
    const end = first + plan.spreadMs + plan.timeoutMs;
    const dropIds = [...new Set(holds.map(({ dropId }) => dropId))];
    /** When each client had each drop without a held unit, as far as they do. */
    const emptyTimes = () => clients.flatMap((client) => dropIds.flatMap((dropId) => client.emptyAt(dropId) ?? []));
    while (Date.now() < end && emptyTimes().length < clients.length * dropIds.length) await sleep(50);
    const shown = emptyTimes();

    const [{ last } = { last: NaN }] = await query<{ last: number }>(
      'SELECT extract(epoch FROM max(settled_at))::float8 * 1000 AS last FROM reservations',
    );
    const counted = holds.filter(({ expiresAt }) => expiresAt >= first + plan.countFromMs);
    const delays = clients.flatMap((client) => counted.map((hold) => delayOf(hold, client)));
    for (const client of clients) client.close();
    return {
      delay: summarizeLatencies(delays),
      allReclaimedMs: last - first,
      allShownMs: shown.length < clients.length * dropIds.length ? Infinity : Math.max(...shown) - first,
      repeatedEvents: sum(clients.map(({ expiries }) => sum([...expiries.values()].map(({ times }) => times - 1)))),
      missingEvents: sum(clients.map(({ expiries }) => holds.filter(({ id }) => !expiries.has(id)).length)),
    };
  } finally {
    await database.end();
  }
}

function delayOf({ id, dropId, heldAfter, expiresAt }: Hold, { expiries, snapshots }: ExpiryClient): number {
  const shownAt = snapshots.get(dropId)?.find(({ reserved }) => reserved <= heldAfter)?.at ?? Infinity;
  return Math.max(expiries.get(id)?.at ?? 0, shownAt) - expiresAt;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Connects a client that subscribes to no drop and therefore receives every public event. */
async function openExpiryClient(port: number) {
  /** Per drop, in order of arrival. */
  const snapshots = new Map<string, { reserved: number; at: number }[]>();
  /** Per reservation: the time of its first `reservation_update`, and their number. */
  const expiries = new Map<string, { at: number; times: number }>();

  function record(event: string, payload: { dropId: string; reservedStock: number; reservationId: string }): void {
    const at = Date.now();
    if (event === 'inventory_update') {
      const ofDrop = snapshots.get(payload.dropId) ?? [];
      snapshots.set(payload.dropId, ofDrop);
      ofDrop.push({ reserved: payload.reservedStock, at });
    } else if (event === 'reservation_update') {
      const before = expiries.get(payload.reservationId);
      expiries.set(payload.reservationId, { at: before?.at ?? at, times: (before?.times ?? 0) + 1 });
    }
  }

  const socket = await new Promise<ReturnType<typeof connectSocket>>((resolve, reject) => {
    const connecting = connectSocket(port, '', (packet) => {
      if (packet.startsWith(EVENT)) record(...(JSON.parse(packet.slice(EVENT.length)) as Parameters<typeof record>));
      else if (packet.startsWith(CONNECT)) resolve(connecting);
    });
    connecting.on('error', reject);
  });
  return {
    snapshots,
    expiries,
    /** When the newest snapshot of a drop arrived, if it shows no held unit. */
    emptyAt(dropId: string) {
      const newest = snapshots.get(dropId)?.at(-1);
      return newest?.reserved === 0 ? newest.at : undefined;
    },
    /** Discards the events so far. */
    clear() {
      snapshots.clear();
      expiries.clear();
    },
    close() {
      socket.terminate();
    },
  };
}

await runChild(async (plan: ExpiryWatchPlan) => ({ result: await watch(plan) }));

import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { fillWithHolds, type HoldsPlan } from '../harness/holds.js';
import { summarizeLatencies } from '../harness/statistics.js';
import { runChild } from './child.js';
import { openListener, type ExpiryListener } from './expiry-listener.js';

/** Clients that look on while holds end. */
export interface ExpiryWatchPlan extends HoldsPlan {
  readonly databaseUrl: string;
  readonly port: number;
  readonly clients: number;
  /** ms after the first end from which on a hold is counted: what is done for the first time takes longer. */
  readonly countFrom: number;
  /** ms after the last end until which there is something to be heard. */
  readonly patience: number;
}

/** ms after a hold's end by the database's clock, of every hold that counts and every client. */
export interface ExpiryWatchResult {
  /** Until the client had its `reservation_update`, and a picture of the stock with its unit free: the later of the two. */
  readonly late: { readonly p50: number; readonly p99: number };
  /** ms after the first end until the database had released all of them. */
  readonly allReleased: number;
  /** ms after the first end until every client had a picture of every drop without a unit held. */
  readonly allKnown: number;
  /** How often a client was told of a hold that it was told of before. */
  readonly toldAgain: number;
  /** How often a client was not told of a hold. */
  readonly notTold: number;
}

interface Hold {
  readonly id: string;
  readonly dropId: string;
  /** ms since 1970. */
  readonly endsAt: number;
  /** Units that the drop still holds once this one was released, and all that end before it. */
  readonly left: number;
}

async function watch(plan: ExpiryWatchPlan): Promise<ExpiryWatchResult> {
  const database = new pg.Client({ connectionString: plan.databaseUrl });
  await database.connect();
  const query = async <Row extends pg.QueryResultRow>(sql: string, values?: unknown[]) =>
    (await database.query<Row>(sql, values)).rows;
  try {
    const clients = await Promise.all(Array.from({ length: plan.clients }, () => openListener(plan.port)));
    const first = await fillWithHolds(query, plan);
    const holds = await query<Hold & { endsAt: number }>(
      `SELECT id, drop_id AS "dropId", extract(epoch FROM expires_at)::float8 * 1000 AS "endsAt",
              (row_number() OVER (PARTITION BY drop_id ORDER BY expires_at DESC, id DESC) - 1)::int AS left
       FROM reservations WHERE status = 'active'`,
    );
    // The pictures that the relay sends of the drops as they were made are none of a release.
    for (const client of clients) client.clear();
    const end = first + plan.spread + plan.patience;
    const dropIds = [...new Set(holds.map(({ dropId }) => dropId))];
    /** When each client had each drop without a unit held; those that have not yet are left out. */
    const ends = () => clients.flatMap((client) => dropIds.flatMap((dropId) => client.emptyAt(dropId) ?? []));
    while (Date.now() < end && ends().length < clients.length * dropIds.length) await sleep(50);
    const known = ends();

    const [{ last } = { last: NaN }] = await query<{ last: number }>(
      'SELECT extract(epoch FROM max(settled_at))::float8 * 1000 AS last FROM reservations',
    );
    const counted = holds.filter(({ endsAt }) => endsAt >= first + plan.countFrom);
    const all = clients.flatMap((client) => counted.map((hold) => lateness(hold, client)));
    for (const client of clients) client.close();
    return {
      late: summarizeLatencies(all),
      allReleased: last - first,
      allKnown: known.length < clients.length * dropIds.length ? Infinity : largest(known) - first,
      toldAgain: sum(clients.map(({ expiries }) => sum([...expiries.values()].map(({ times }) => times - 1)))),
      notTold: sum(clients.map(({ expiries }) => holds.filter(({ id }) => !expiries.has(id)).length)),
    };
  } finally {
    await database.end();
  }
}

/** ms from the end of a hold until a client had all it is told of it. */
function lateness({ id, dropId, left, endsAt }: Hold, { expiries, pictures }: ExpiryListener): number {
  const known = pictures.get(dropId)?.find(({ reserved }) => reserved <= left)?.at ?? Infinity;
  return Math.max(expiries.get(id)?.at ?? 0, known) - endsAt;
}

function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

await runChild(async (plan: ExpiryWatchPlan) => ({ result: await watch(plan), close: () => Promise.resolve() }));

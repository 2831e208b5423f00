import type { Response } from 'supertest';
import { withoutProtection, type RewritingClient } from '../../helpers/without-protection.js';
import { rowOfDrop, untilWaiting, whileLocked } from '../../helpers/locks.js';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { createTestDatabase } from '../../helpers/database.js';

interface Conditions {
  /** What takes a protection out of the service's SQL, or widens a gap in it. */
  readonly PgClient?: RewritingClient;
  /** What takes a protection out of this run's own database: there the database alone would save the day. */
  readonly without?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** How many services share the database; the requests go to them in turn. */
  readonly services?: number;
}

/**
 * A service runs one batch at a time for a drop, so that its own requests never meet in the database. Those of several
 * services do, and nothing but the database stands between them.
 */
const SERVICES = 6;

/**
 * Runs services on a database of their own, under the given conditions, and makes sure that they were met.
 *
 * @param run is given the services as if they were one, each request going to the next of them, and the list of them.
 */
export async function under<T>(
  { PgClient, without = [], env = {}, services = SERVICES }: Conditions,
  run: (app: TestApp, services: readonly TestApp[]) => Promise<T>,
): Promise<T> {
  const database = await createTestDatabase();
  const apps: TestApp[] = [];
  try {
    for (const sql of without) await database.query(sql);
    while (apps.length < services) apps.push(await startTestApp({ database, env, ...(PgClient && { PgClient }) }));
    // What the first request of a process costs is no part of a race.
    await Promise.all(apps.map((app) => app.http.get('/api/drops')));
    const outcome = await run(inTurn(apps), apps);
    PgClient?.assertUsed();
    return outcome;
  } finally {
    await Promise.all(apps.map((app) => app.close()));
    await database.drop();
  }
}

function inTurn(apps: readonly TestApp[]): TestApp {
  const [first] = apps;
  if (!first) throw new Error('no service');
  let turn = 0;
  const next = (): TestApp => apps[(turn += 1) % apps.length] ?? first;
  return {
    ...first,
    reserve: (...request) => next().reserve(...request),
    purchase: (...request) => next().purchase(...request),
    release: (...request) => next().release(...request),
  };
}

/** The service without the one lock that it takes: that of the drop's row. */
export function withoutLock(Base?: RewritingClient): RewritingClient {
  return withoutProtection(/ FOR UPDATE( SKIP LOCKED)?/, '', Base);
}

/** The condition of every statement that settles a hold: its text, to take it out. */
export const WHILE_IT_RUNS = ` AND r.status = 'active' AND r.expires_at > t AND r.expires_at > clock_timestamp()`;

/** How often each answer was given: `{ '201': 1, '409 sold-out': 199 }`. */
export function tally(answers: readonly Response[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const answer = body.code === undefined ? String(status) : `${status} ${body.code}`;
    counts[answer] = (counts[answer] ?? 0) + 1;
  }
  return counts;
}

/** How many batches must stand before the drop's row before a race is let go. */
const FIELD = SERVICES - 1;

/**
 * Lets requests race for a drop for certain and not by luck: its row is held until several services stand before it. With
 * the lock, that is before they look at the stock; without it, they have looked already.
 */
export function race<T>(app: TestApp, dropId: string, requests: () => Promise<T>): Promise<T> {
  return whileLocked(app.database, rowOfDrop(dropId), async ({ letGo }) => {
    const running = requests();
    await untilWaiting(app.database, FIELD);
    await letGo();
    return running;
  });
}

/** Calls `request` so many times at once. */
export function times<T>(count: number, request: (index: number) => PromiseLike<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => request(index)));
}

export interface Stock {
  readonly available: number;
  readonly reserved: number;
  readonly sold: number;
}

export async function stockOf(app: TestApp, dropId: string): Promise<Stock> {
  const { rows } = await app.database.query<Stock>(
    'SELECT available_stock AS available, reserved_stock AS reserved, sold_stock AS sold FROM drops WHERE id = $1',
    [dropId],
  );
  if (!rows[0]) throw new Error(`no drop ${dropId}`);
  return rows[0];
}

/** Lets a user reserve, and returns the hold's id. */
export async function holdOf(app: TestApp, user: TestUser, dropId: string): Promise<string> {
  const answer = await app.reserve(user, dropId);
  if (answer.status !== 201) throw new Error(`not reserved: ${answer.text}`);
  return answer.body.data.reservation.id;
}

/** The number that a query gives. */
export async function count(app: TestApp, sql: string, params: unknown[] = []): Promise<number> {
  const { rows } = await app.database.query<{ count: string }>(sql, params);
  return Number(rows[0]?.count);
}

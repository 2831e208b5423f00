import type { Response } from 'supertest';
import { withoutProtection, type RewritingClient } from '../../helpers/without-protection.js';
import { dropRowLock, untilWaiting, whileLocked } from '../../helpers/locks.js';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { createTestDatabase } from '../../helpers/database.js';

interface ServicesOptions {
  /** Removes a protection from the service's SQL, or adds a pause to it. */
  readonly PgClient?: RewritingClient;
  /** SQL that removes a protection from this run's own database, where the database alone would prevent the error. */
  readonly removedProtections?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Number of services on the database. The requests go to them in turn. */
  readonly services?: number;
}

/**
 * A service runs one batch at a time for a drop, so its own requests do not conflict in the database. Requests to several
 * services do, and only the database protects them from each other.
 */
const SERVICES = 3;

/**
 * Runs services on a database of their own under the given conditions, and checks that the conditions took effect.
 *
 * @param run gets the services as one, which sends each request to the next service, and the list of services.
 */
export async function withServices<T>(
  { PgClient, removedProtections = [], env = {}, services = SERVICES }: ServicesOptions,
  run: (app: TestApp, services: readonly TestApp[]) => Promise<T>,
): Promise<T> {
  const database = await createTestDatabase();
  const apps: TestApp[] = [];
  try {
    for (const sql of removedProtections) await database.query(sql);
    while (apps.length < services) apps.push(await startTestApp({ database, env, ...(PgClient && { PgClient }) }));
    // Warms each service up: the first request is slower than the others.
    await Promise.all(apps.map((app) => app.http.get('/api/drops')));
    const outcome = await run(roundRobin(apps), apps);
    PgClient?.assertUsed();
    return outcome;
  } finally {
    await Promise.all(apps.map((app) => app.close()));
    await database.drop();
  }
}

function roundRobin(apps: readonly TestApp[]): TestApp {
  const [first] = apps;
  if (!first) throw new Error('no service');
  let index = 0;
  const next = (): TestApp => apps[(index += 1) % apps.length] ?? first;
  return {
    ...first,
    reserve: (...request) => next().reserve(...request),
    purchase: (...request) => next().purchase(...request),
    release: (...request) => next().release(...request),
  };
}

/** Removes the only lock that the service takes: the lock of the drop's row. */
export function withoutLock(Base?: RewritingClient): RewritingClient {
  return withoutProtection(/ FOR UPDATE( SKIP LOCKED)?/, '', Base);
}

/** The text of the condition in every statement that settles a hold, to remove it. */
export const ACTIVE_HOLD_CONDITION = ` AND r.status::text = 'active' AND r.expires_at > t AND r.expires_at > clock_timestamp()`;

/** Counts each response: `{ '201': 1, '409 sold-out': 199 }`. */
export function countResponses(responses: readonly Response[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body } of responses) {
    const outcome = body.code === undefined ? String(status) : `${status} ${body.code}`;
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

/** Number of batches that wait for the drop's row before the race starts. */
const WAITING_SESSIONS = SERVICES - 1;

/**
 * Runs requests that certainly compete for a drop: its row stays locked until several services wait for it. With the
 * service's lock, they wait before they read the stock; without it, they wait after that.
 */
export function race<T>(app: TestApp, dropId: string, requests: () => Promise<T>): Promise<T> {
  return whileLocked(app.database, dropRowLock(dropId), async ({ unlock }) => {
    const running = requests();
    await untilWaiting(app.database, WAITING_SESSIONS);
    await unlock();
    return running;
  });
}

/** Calls `request` `count` times at once. */
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

/** Reserves a unit for a user, and returns the reservation's id. */
export async function holdOf(app: TestApp, user: TestUser, dropId: string): Promise<string> {
  const response = await app.reserve(user, dropId);
  if (response.status !== 201) throw new Error(`not reserved: ${response.text}`);
  return response.body.data.reservation.id;
}

/** Returns the number that a query selects. */
export async function count(app: TestApp, sql: string, params: unknown[] = []): Promise<number> {
  const { rows } = await app.database.query<{ count: string }>(sql, params);
  return Number(rows[0]?.count);
}

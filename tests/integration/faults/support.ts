import { setTimeout as sleep } from 'node:timers/promises';
import type { Response } from 'supertest';
import { ping } from '../../../src/lib/db/database.js';
import type { ServiceOverrides } from '../../../src/service.js';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { openDatabaseProxy, type DatabaseProxy } from '../../helpers/database-proxy.js';
import { until } from '../../helpers/locks.js';
import { metricOf } from '../../helpers/other-batches.js';

/** Few, so that a test fails soon if a connection is not returned. */
export const CONNECTIONS = 4;

/** The service, with a proxy between it and its database. */
export interface FragileApp extends TestApp {
  readonly proxy: DatabaseProxy;
  /** Waits until every connection of the pool works again. */
  recovered(): Promise<void>;
  /** Waits until one session of the service meets a condition on pg_stat_activity, and terminates it. */
  terminate(condition: string): Promise<void>;
  /** Returns how many transactions used the given fallback. */
  fallbacks(path: string): Promise<number>;
  /** Returns the reservations of a drop and their purchases. */
  holdsOf(dropId: string): Promise<{ id: string; status: string; purchase: string | null }[]>;
}

export async function startFragileApp(
  overrides: Pick<ServiceOverrides, 'PgClient' | 'poolTimeLimits'> = {},
): Promise<FragileApp> {
  const database = await createTestDatabase();
  const proxy = await openDatabaseProxy(database.url);
  const url = new URL(proxy.url);
  url.searchParams.set('connection_limit', String(CONNECTIONS));
  const app = await startTestApp({
    database,
    env: { DATABASE_URL: url.toString() },
    expectsServerErrors: true,
    ...overrides,
  });
  return {
    ...app,
    proxy,
    // The pool may still contain dead connections.
    recovered: () =>
      until('working connections', async () => {
        const pings = await Promise.allSettled(Array.from({ length: CONNECTIONS }, () => ping(app.context.db)));
        return pings.every(({ status }) => status === 'fulfilled');
      }),
    terminate: (condition) => until(condition, async () => (await terminated(database, condition)) === 1),
    fallbacks: (path) =>
      metricOf(app.context.metrics, 'transaction_fallbacks_total', 'transaction_fallbacks_total', path),
    async holdsOf(dropId) {
      const { rows } = await database.query<{ id: string; status: string; purchase: string | null }>(
        `SELECT r.id, r.status::text, p.id AS purchase
         FROM reservations r LEFT JOIN purchases p ON p.reservation_id = r.id WHERE r.drop_id = $1`,
        [dropId],
      );
      return rows;
    },
    async close() {
      await app.close();
      await proxy.close();
      await database.drop();
    },
  };
}

async function terminated(database: TestDatabase, condition: string): Promise<number | null> {
  const { rowCount } = await database.query(
    `SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'drop-inventory' AND ${condition}`,
  );
  return rowCount;
}

/**
 * Sends a request whose COMMIT is carried out but whose answer is lost, runs `meanwhile`, and then lets the service continue.
 *
 * @returns the response to the request.
 */
export async function loseCommit(
  { proxy }: FragileApp,
  request: () => PromiseLike<Response>,
  meanwhile: () => Promise<unknown>,
): Promise<Response> {
  const happened = proxy.loseResponseWhile('COMMIT', async () => void (await meanwhile()));
  const response = await request();
  const timeout = sleep(90_000, undefined, { ref: false }).then(() => {
    throw new Error(`No COMMIT was lost: ${response.status} ${response.text}`);
  });
  await Promise.race([happened, timeout]);
  return response;
}

/** Formats the status, the code and the Retry-After header: `503 unavailable, Retry-After 1`. */
export function refusal({ status, headers, body }: Response): string {
  return `${status} ${body.code}, Retry-After ${headers['retry-after']}`;
}

interface Change {
  readonly dropId: string;
  readonly request: () => PromiseLike<Response>;
  /** The drop's reservations after exactly one run, according to the response. */
  readonly expectedHolds: (response: Response) => object[];
}

/** The kinds of stock changes that batches serve, each in a drop of its own. */
export const changes: readonly {
  readonly what: string;
  readonly status: number;
  /** The status of the reservation after the change. */
  readonly state: string;
  prepare(app: FragileApp): Promise<Change>;
}[] = [
  {
    what: 'a reservation',
    status: 201,
    state: 'active',
    async prepare(app) {
      const [user, dropId] = await Promise.all([app.createUser(), app.createDrop()]);
      return {
        dropId,
        request: () => app.reserve(user, dropId),
        expectedHolds: ({ body }) => [{ id: body.data.reservation.id, status: 'active', purchase: null }],
      };
    },
  },
  {
    what: 'a purchase',
    status: 201,
    state: 'completed',
    async prepare(app) {
      const [user, dropId] = await Promise.all([app.createUser(), app.createDrop()]);
      const { body: held } = await app.reserve(user, dropId).expect(201);
      return {
        dropId,
        request: () => app.purchase(user, held.data.reservation.id),
        expectedHolds: ({ body }) => [{ id: held.data.reservation.id, status: 'completed', purchase: body.data.id }],
      };
    },
  },
  {
    what: 'a release',
    status: 200,
    state: 'released',
    async prepare(app) {
      const [user, dropId] = await Promise.all([app.createUser(), app.createDrop()]);
      const { body: held } = await app.reserve(user, dropId).expect(201);
      return {
        dropId,
        request: () => app.release(user, held.data.reservation.id),
        expectedHolds: ({ body }) => [{ id: body.data.reservation.id, status: 'released', purchase: null }],
      };
    },
  },
  {
    what: 'a release by an admin',
    status: 200,
    state: 'released',
    async prepare(app) {
      const [user, admin, dropId] = await Promise.all([app.createUser(), app.createUser('admin'), app.createDrop()]);
      const { body: held } = await app.reserve(user, dropId).expect(201);
      const path = `/api/admin/reservations/${held.data.reservation.id}`;
      return {
        dropId,
        request: () => app.http.delete(path).auth(admin.token, { type: 'bearer' }),
        expectedHolds: ({ body }) => [{ id: body.data.reservation.id, status: 'released', purchase: null }],
      };
    },
  },
];

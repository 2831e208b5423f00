import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import bcrypt from 'bcryptjs';
import supertest from 'supertest';
import { parseConfig, type Environment } from '../../src/lib/config/index.js';
import { verifyStock } from '../../src/inventory/verify.js';
import type { HttpLimits } from '../../src/lib/http/server/create-server.js';
import type { PoolTimeLimits } from '../../src/lib/db/pool-settings.js';
import { startService, type Service, type ServiceOverrides } from '../../src/service.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { requiringLock } from './locked-writes.js';
import { insertDrop, type DropColumns } from './drop.js';
import './leaks/capture.js';
import { recordAccount } from './leaks/answer-rules.js';
import { searchLogs } from './leaks/search-logs.js';
import { recordPassword } from './leaks/secrets.js';
import { serverErrorLogger } from './server-error-logger.js';

/** The JWT_SECRET of every service that a test starts, in this process or in another. */
export const TEST_SECRET = 'a secret that is long enough for a test';

/** The password of every user that a test app creates. */
export const TEST_PASSWORD = 'the password of a test 7';
/** bcrypt's lowest cost factor: the time that hashing takes is the subject of few tests, which give another. */
const TEST_PASSWORD_COST = 4;
const TEST_PASSWORD_HASH = bcrypt.hashSync(TEST_PASSWORD, TEST_PASSWORD_COST);

/** Time limits that no test reaches on a busy machine: locks are held for as long as a test takes to prepare a race. */
export const LONG_TIME_LIMITS: PoolTimeLimits = {
  connectTimeoutMs: 240_000,
  session: { lock_timeout: 120_000, statement_timeout: 240_000, idle_in_transaction_session_timeout: 240_000 },
  readTimeoutMs: 240_000,
  transaction: { maxWait: 240_000, timeout: 240_000 },
};
const LONG_QUEUE_TIMEOUT_MS = 240_000;
const LONG_HTTP_LIMITS: Partial<HttpLimits> = { requestTimeoutMs: 240_000, stallTimeoutMs: 240_000 };

export interface TestUser {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly role: 'user' | 'admin';
  readonly token: string;
}

/** The whole service on its own port, with its own database. */
export interface TestApp {
  readonly url: string;
  readonly http: ReturnType<typeof supertest>;
  readonly context: Service['context'];
  readonly database: TestDatabase;
  /** Inserts an account into the database and signs a token for it: no password is hashed. */
  createUser(role?: 'user' | 'admin'): Promise<TestUser>;
  createUsers(count: number): Promise<TestUser[]>;
  /** Inserts a live drop; any column may be given. Returns its id. */
  createDrop(columns?: DropColumns): Promise<string>;
  reserve(user: TestUser, dropId: string, key?: string): supertest.Test;
  purchase(user: TestUser, reservationId: string, key?: string): supertest.Test;
  release(user: TestUser, reservationId: string): supertest.Test;
  /** Moves the deadline of one active hold, or of all holds of a drop, into the past of the database's clock. */
  expireHolds(where: { dropId: string } | { reservationId: string }): Promise<void>;
  /** Returns what verifyStock() finds; a test that moved stock expects an empty list. */
  mismatches(): ReturnType<typeof verifyStock>;
  close(): Promise<void>;
}

interface TestAppOptions extends ServiceOverrides {
  /** Settings in addition to those of all tests. */
  readonly env?: Environment;
  /** An existing database. Left out: one is created, and dropped by close(). */
  readonly database?: TestDatabase;
  /** The test causes outages or defects: its 5xx responses are not printed. */
  readonly expectsServerErrors?: boolean;
}

/**
 * Starts the service on port 0: as an API without a worker unless `ROLE` is set, and without the ledger poller unless
 * `pollLedger` is set, since that would publish what a test writes into the database. It prints the error of every 5xx
 * response, and refuses to write stock without the lock of its drop. Close it in `afterAll`.
 *
 * The pool has {@link LONG_TIME_LIMITS} unless `poolTimeLimits` is given: a test whose subject is a limit gives those of
 * production.
 */
export async function startTestApp({
  env,
  database: givenDatabase,
  expectsServerErrors = false,
  ...overrides
}: TestAppOptions = {}): Promise<TestApp> {
  const database = givenDatabase ?? (await createTestDatabase());
  const config = parseConfig({
    NODE_ENV: 'test',
    PORT: '0',
    HOST: '127.0.0.1',
    ROLE: 'api',
    DATABASE_URL: database.url,
    JWT_SECRET: TEST_SECRET,
    RATE_LIMIT_ENABLED: 'false',
    DATA_DIR: join(tmpdir(), 'drop-inventory-test-unused'),
    ...env,
  });
  const logger = searchLogs(overrides.logger ?? serverErrorLogger(expectsServerErrors));
  recordPassword(TEST_PASSWORD);
  const PgClient = requiringLock(overrides.PgClient);
  const { context, port, stop } = await startService(config, {
    pollLedger: false,
    poolTimeLimits: LONG_TIME_LIMITS,
    queueTimeoutMs: LONG_QUEUE_TIMEOUT_MS,
    passwordCost: TEST_PASSWORD_COST,
    httpLimits: LONG_HTTP_LIMITS,
    ...overrides,
    logger,
    PgClient,
  });
  const url = `http://127.0.0.1:${port}`;
  const http = supertest(url);

  async function createUsers(count: number, role: 'user' | 'admin' = 'user'): Promise<TestUser[]> {
    const names = Array.from({ length: count }, () => `u_${randomBytes(8).toString('hex')}`);
    const { rows } = await database.query<Omit<TestUser, 'token'>>(
      `INSERT INTO users (username, email, password_hash, role)
       SELECT name, name || '@example.com', $3, $2::user_role FROM unnest($1::text[]) AS name
       RETURNING id, username, email, role`,
      [names, role, TEST_PASSWORD_HASH],
    );
    for (const user of rows) recordAccount(user);
    return rows.map((user) => ({ ...user, token: context.tokens.sign({ id: user.id, role }) }));
  }

  function post(path: string, user: TestUser, body: object, key: string | undefined) {
    const request = http.post(path).auth(user.token, { type: 'bearer' });
    return (key === undefined ? request : request.set('Idempotency-Key', key)).send(body);
  }

  return {
    url,
    http,
    context,
    database,
    createUsers,
    async createUser(role) {
      const [user] = await createUsers(1, role);
      if (!user) throw new Error('no user was created');
      return user;
    },
    async createDrop(columns = {}) {
      const id = await insertDrop(database, columns);
      context.dropLists.clear();
      return id;
    },
    reserve: (user, dropId, key) => post('/api/reservations', user, { dropId }, key),
    purchase: (user, reservationId, key) => post('/api/purchases', user, { reservationId }, key),
    release: (user, id) => http.delete(`/api/reservations/${id}`).auth(user.token, { type: 'bearer' }),
    async expireHolds(where) {
      const [column, id] = 'dropId' in where ? ['drop_id', where.dropId] : ['id', where.reservationId];
      await database.query(
        `UPDATE reservations SET expires_at = clock_timestamp() - interval '1 ms' WHERE ${column} = $1 AND status = 'active'`,
        [id],
      );
    },
    mismatches: () => verifyStock(context.db),
    async close() {
      await stop();
      if (!givenDatabase) await database.drop();
    },
  };
}

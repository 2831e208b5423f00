import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import supertest from 'supertest';
import { parseConfig, type Environment } from '../../src/lib/config/index.js';
import { verifyStock } from '../../src/inventory/verify.js';
import { startService, type Service, type ServiceOverrides } from '../../src/service.js';
import { createTestDatabase, type TestDatabase } from './database.js';

/** Signs the tokens of every service of the tests, in a process of its own too. */
export const TEST_SECRET = 'a secret that is long enough for a test';

export interface TestUser {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly role: 'user' | 'admin';
  readonly token: string;
}

/** The whole service on a port of its own, with a database of its own. */
export interface TestApp {
  readonly url: string;
  readonly http: ReturnType<typeof supertest>;
  readonly context: Service['context'];
  readonly database: TestDatabase;
  /** An account with a token, made in the database: without the cost of a password. */
  createUser(role?: 'user' | 'admin'): Promise<TestUser>;
  createUsers(count: number): Promise<TestUser[]>;
  /** A live drop, made in the database; any column may be given. Returns its id. */
  createDrop(columns?: Readonly<Record<string, unknown>>): Promise<string>;
  reserve(user: TestUser, dropId: string, key?: string): supertest.Test;
  purchase(user: TestUser, reservationId: string, key?: string): supertest.Test;
  release(user: TestUser, reservationId: string): supertest.Test;
  /** Lets every active hold of a drop, or one hold, be over already: the clock is the database's, so the deadline moves. */
  expireHolds(where: { dropId: string } | { reservationId: string }): Promise<void>;
  /** What verifyStock() finds; a test that moved stock expects it to be empty. */
  mismatches(): ReturnType<typeof verifyStock>;
  close(): Promise<void>;
}

interface TestAppOptions extends ServiceOverrides {
  /** Settings beside those of the tests. */
  readonly env?: Environment;
  /** A database made before; otherwise one is made, and dropped at the end. */
  readonly database?: TestDatabase;
}

/**
 * Starts the service on port 0, as an API without a worker unless `ROLE` says otherwise, and without the relay unless asked
 * for it: what a test writes into the database would be told to its sockets. Close it in `afterAll`.
 */
export async function startTestApp({ env, database: given, ...overrides }: TestAppOptions = {}): Promise<TestApp> {
  const database = given ?? (await createTestDatabase());
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
  const logger = overrides.logger ?? pino({ level: 'silent' });
  const { context, port, stop } = await startService(config, { pollLedger: false, ...overrides, logger });
  const url = `http://127.0.0.1:${port}`;
  const http = supertest(url);

  async function createUsers(count: number, role: 'user' | 'admin' = 'user'): Promise<TestUser[]> {
    const names = Array.from({ length: count }, () => `u_${randomBytes(8).toString('hex')}`);
    const { rows } = await database.query<Omit<TestUser, 'token'>>(
      `INSERT INTO users (username, email, password_hash, role)
       SELECT name, name || '@example.com', 'unusable', $2::user_role FROM unnest($1::text[]) AS name
       RETURNING id, username, email, role`,
      [names, role],
    );
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
      if (!user) throw new Error('no user was made');
      return user;
    },
    async createDrop(columns = {}) {
      const row: Record<string, unknown> = { name: 'Test drop', price: '10.00', total_stock: 10, ...columns };
      const names = Object.keys(row);
      const { rows } = await database.query<{ id: string }>(
        `INSERT INTO drops (${names.join(', ')}) VALUES (${names.map((_, index) => `$${index + 1}`).join(', ')}) RETURNING id`,
        Object.values(row),
      );
      if (!rows[0]) throw new Error('no drop was made');
      context.dropLists.clear();
      return rows[0].id;
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
      if (!given) await database.drop();
    },
  };
}

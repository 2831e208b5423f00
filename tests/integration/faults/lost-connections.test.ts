import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Response } from 'supertest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { openDatabaseProxy, type DatabaseProxy } from '../../helpers/database-proxy.js';
import { until, whileLocked } from '../../helpers/locks.js';

const CONNECTIONS = 4;
const KEY = 'one-order';

let database: TestDatabase;
let proxy: DatabaseProxy;
let app: TestApp;
let user: TestUser;
let dropId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await openDatabaseProxy(database.url);
  // Few connections, so that one that is never given back is soon missed.
  const url = new URL(proxy.url);
  url.searchParams.set('connection_limit', String(CONNECTIONS));
  app = await startTestApp({ database, env: { DATABASE_URL: url.toString() } });
  [user, dropId] = await Promise.all([app.createUser(), app.createDrop({ total_stock: 100 })]);
});

afterAll(async () => {
  await app.close();
  await proxy.close();
  await database.drop();
});

function code({ status, headers, body }: Response): string {
  return `${status} ${body.code}, Retry-After ${headers['retry-after']}`;
}

async function holds(): Promise<number> {
  return (await database.query(`SELECT FROM reservations WHERE status = 'active'`)).rowCount ?? 0;
}

/** The pool may not have noticed yet that a connection is dead: whoever is given that one is told 503, and may try again. */
function soundConnections(): Promise<void> {
  return until('sound connections', async () => {
    const looks = await Promise.all(Array.from({ length: CONNECTIONS }, () => app.http.get('/readyz')));
    return looks.every(({ status }) => status === 200);
  });
}

/** Ends the session in which the service does this on behalf of a request, as soon as it does, and gives the answer. */
async function terminated(condition: string, request: () => PromiseLike<Response>): Promise<string> {
  let early: Response | undefined;
  const running = Promise.resolve(request()).then((answer) => (early = answer));
  await until(condition, async () => {
    if (early) throw new Error(`answered before: ${code(early)}`);
    const { rowCount } = await database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'drop-inventory' AND ${condition}`,
    );
    return rowCount === 1;
  });
  const answer = await running;
  await soundConnections();
  return code(answer);
}

/** The same for a session that has committed, and whose answer gets lost. */
async function answerLost(request: () => PromiseLike<Response>): Promise<string> {
  proxy.loseAnswerTo('COMMIT');
  const answer = await request();
  await soundConnections();
  return code(answer);
}

async function isServed(): Promise<void> {
  const other = await app.createUser();
  const { body } = await app.reserve(other, dropId).expect(201);
  await app.release(other, body.data.reservation.id).expect(200);
  expect(await app.mismatches()).toEqual([]);
}

it('changes nothing if the connection is lost within the transaction', async () => {
  for (let loss = 0; loss <= CONNECTIONS; loss += 1) {
    // With the drop locked, the request stops at its user's row.
    const lock = { sql: 'SELECT FROM users WHERE id = $1 FOR UPDATE', params: [user.id] };
    const answer = await whileLocked(database, lock, () =>
      terminated(`wait_event_type = 'Lock'`, () => app.reserve(user, dropId, KEY)),
    );
    expect(answer).toBe('503 unavailable, Retry-After 1');
    expect(await holds()).toBe(0);
  }
  await isServed();
});

it('does not claim to know what became of a commit during which the connection was lost', async () => {
  await database.query(`
    CREATE FUNCTION take_long() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(5); RETURN NULL; END';
    CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON reservations DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION take_long()`);
  for (let loss = 0; loss <= CONNECTIONS; loss += 1) {
    const answer = await terminated(`query = 'COMMIT' AND wait_event = 'PgSleep'`, () =>
      app.reserve(user, dropId, KEY),
    );
    expect(answer).toBe('503 outcome-unknown, Retry-After 1');
  }
  await database.query('DROP TRIGGER slow_commit ON reservations');
  await isServed();
});

it('says so too if the commit was done, and shows what it did to who repeats the request with its key', async () => {
  expect(await answerLost(() => app.reserve(user, dropId, KEY))).toBe('503 outcome-unknown, Retry-After 1');
  expect(await holds()).toBe(1);
  const reserved = await app.reserve(user, dropId, KEY).expect(201).expect('Idempotency-Replayed', 'true');

  const { id } = reserved.body.data.reservation;
  expect(await answerLost(() => app.purchase(user, id, KEY))).toBe('503 outcome-unknown, Retry-After 1');
  await app.purchase(user, id, KEY).expect(201).expect('Idempotency-Replayed', 'true');
  expect(await app.mismatches()).toEqual([]);
});

it('says so of a drop and of an account too', async () => {
  const admin = await app.createUser('admin');
  const createDrop = () =>
    app.http.post('/api/drops').auth(admin.token, { type: 'bearer' }).send({ name: 'Lost', price: 1, totalStock: 1 });
  expect(await answerLost(createDrop)).toBe('503 outcome-unknown, Retry-After 1');
  expect((await database.query(`SELECT FROM drops WHERE name = 'Lost'`)).rowCount).toBe(1);

  const account = { username: 'lost', email: 'lost@example.com', password: 'correct horse' };
  const register = () => app.http.post('/api/users/register').send(account);
  expect(await answerLost(register)).toBe('503 outcome-unknown, Retry-After 1');
  expect((await register()).body.code).toBe('username-taken');
});

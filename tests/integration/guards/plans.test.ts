import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findStillReclaimed } from '../../../src/inventory/queries/stock.queries.js';
import { PREPARED } from '../../../src/lib/db/prepared-statements.js';
import { inTransaction } from '../../../src/lib/db/transaction.js';
import { startTestApp, TEST_PASSWORD, type TestApp, type TestUser } from '../../helpers/app.js';
import { planIn, type Explained, type Step } from '../../helpers/explain.js';
import { until } from '../../helpers/locks.js';
import { listenTo } from '../../helpers/sockets.js';
import { recordedStatements, type Statement } from '../../helpers/statements.js';
import { withClient } from '../../helpers/test-server.js';
import { as, buy, hold, UNKNOWN_ID } from '../http/support.js';

const ROWS = 50_000;
const BIG_TABLES = [
  'users',
  'drops',
  'reservations',
  'purchases',
  'stock_movements',
  'ended_tokens',
  'account_changes',
];

/** The statements that may read a big table or one of its indexes from end to end, each with the reason. */
const READS_EVERYTHING: readonly { readonly text: RegExp; readonly table: string; readonly reason: string }[] = [
  {
    text: /SELECT count\(\*\)::int AS "totalItems" FROM drops/,
    table: 'drops',
    reason: 'Lists include the number of drops. The list is cached for 250 ms.',
  },
  {
    text: /sum\(available_stock\)/,
    table: 'drops',
    reason: 'The totals of the dashboard sum up all drops. They are read only while an admin watches them.',
  },
  {
    text: /FROM reservations GROUP BY status/,
    table: 'reservations',
    reason: 'The dashboard counts reservations by status, in at most a fiftieth of the time.',
  },
];

/** Indexes that a statement may read from end to end, because they contain few rows: that of the admins, all of whom are locked. */
const SMALL_INDEXES = ['users_admins_idx'];

/** The exceptions that were needed. */
const needed = new Set<object>();

const PgClient = recordedStatements();
let app: TestApp;
let statements: Statement[];

beforeAll(async () => {
  app = await startTestApp({ PgClient, pollLedger: true });
  await app.database.query(
    BIG_TABLES.map((table) => `ALTER TABLE ${table} SET (autovacuum_enabled = false)`).join(';'),
  );
  statements = distinct(await recordUse());
});
afterAll(() => app.close());

/** Uses every part of the service once and returns what it sent to the database. */
async function recordUse(): Promise<Statement[]> {
  PgClient.take();
  const { http, context } = app;
  const account = { username: 'registered', email: 'registered@example.com', password: '123456' };
  await http.post('/api/users/register').send(account).expect(201);
  await http.post('/api/users/login').send(account).expect(200);
  const [user, other, admin] = await Promise.all([app.createUser(), app.createUser(), app.createUser('admin')]);
  await as(user, http.get('/api/users/me')).expect(200);
  await as(user, http.get(`/api/users/${user.id}`)).expect(200);
  await as(admin, http.get(`/api/users/${user.id}`)).expect(200);

  const create = () =>
    as(admin, http.post('/api/drops')).set('Idempotency-Key', 'key').send({ name: 'Drop', price: 1, totalStock: 9 });
  const { body } = await create().expect(201);
  await create().expect(201);
  const dropId = body.data.id as string;

  const watching = await listenTo(app, { token: admin.token, snapshot: true });
  const subscribed = await listenTo(app);
  await subscribed.socket.emitWithAck('drops:subscribe', { dropIds: [dropId] });

  await hold(app, user, dropId, 'key');
  await hold(app, user, dropId, 'key');
  await app.reserve(user, UNKNOWN_ID).expect(404);
  await app.expireHolds({ dropId });
  await hold(app, other, dropId);
  await app.expireHolds({ dropId });
  await context.worker.runOnce();
  await as(admin, http.post(`/api/drops/${dropId}/stock`))
    .send({ delta: 1 })
    .expect(200);
  await as(admin, http.get(`/api/admin/drops/${dropId}/ledger`)).expect(200);
  for (const list of ['reservations', 'purchases', 'reservations?status=active', 'reservations?q=a', 'purchases?q=a']) {
    await as(admin, http.get(`/api/admin/drops/${dropId}/${list}`)).expect(200);
  }
  await as(admin, http.get(`/api/admin/drops/${dropId}/reservations`))
    .set('Accept', 'text/csv')
    .expect(200);
  await as(admin, http.get('/api/users/me/export')).expect(200);
  const { id: wrong } = await hold(app, other, dropId);
  await as(admin, http.delete(`/api/admin/reservations/${wrong}`)).expect(200);
  const { id } = await hold(app, other, dropId);
  await app.release(other, id).expect(200);
  const { reservationId } = await buy(app, other, dropId);
  const { id: kept } = await hold(app, other, dropId);
  await app.purchase(other, kept, 'key').expect(201);
  await app.purchase(other, kept, 'key').expect(201);
  await app.purchase(other, reservationId).expect(410);

  // A stock transaction sends it only after a lost COMMIT.
  const reclaimed = {
    id,
    userId: other.id,
    status: 'expired',
    updatedAt: new Date().toISOString(),
    lateSeconds: 0,
  } as const;
  await inTransaction(context.db, (tx) => findStillReclaimed(tx, [reclaimed]));

  await as(other, http.get('/api/reservations')).expect(200);
  await as(other, http.get('/api/purchases/mine')).expect(200);
  await as(other, http.get(`/api/purchases/mine?dropId=${dropId}`)).expect(200);
  const lists = ['', '?status=live', '?q=drop', '?status=live&q=drop', '?page=2'];
  for (const query of lists) await http.get(`/api/drops${query}`).expect(200);
  await http.get(`/api/drops/${dropId}`).expect(200);
  await http.get(`/api/drops/${dropId}/movements?since=2020-01-01T00:00Z`).expect(200);
  await http.get('/readyz').expect(200);
  await context.metrics.registry.metrics();
  await useAccounts(admin);
  await until('the counts of the dashboard', () => watching.received('stats').some(({ holds }) => holds !== null));
  watching.close();
  subscribed.close();
  return PgClient.take();
}

/** Uses every route of accounts, the sockets that follow them, and the worker that cleans up. */
async function useAccounts(admin: TestUser): Promise<void> {
  const { http, context } = app;
  const [user, closed, dropId] = [await app.createUser(), await app.createUser(), await app.createDrop()];
  const follower = await listenTo(app, { token: user.token });
  await as(user, http.post('/api/users/logout')).expect(200);
  await until('the cut', () => !follower.socket.connected);
  // The account is marked now, so its tokens are looked up.
  const second = { ...user, token: context.tokens.sign(user) };
  await as(second, http.get('/api/users/me')).expect(200);
  await as(second, http.post('/api/users/logout-all')).expect(200);

  await hold(app, closed, dropId);
  await as(admin, http.post(`/api/users/${closed.id}/disable`)).expect(200);
  await as(admin, http.post(`/api/users/${closed.id}/enable`)).expect(200);
  const signedIn = await http
    .post('/api/users/login')
    .send({ email: closed.email, password: TEST_PASSWORD })
    .expect(200);
  const newPassword = 'another password 8';
  const changed = await as({ ...closed, token: signedIn.body.data.token }, http.patch('/api/users/me/password'))
    .send({ currentPassword: TEST_PASSWORD, newPassword })
    .expect(200);
  await as({ ...closed, token: changed.body.data.token }, http.delete('/api/users/me')).send({ password: newPassword });
  const formerAdmin = await app.createUser('admin');
  await as(formerAdmin, http.delete('/api/users/me')).send({ password: TEST_PASSWORD }).expect(200);
  await app.database.query("INSERT INTO ended_tokens VALUES (gen_random_uuid(), $1, now() - interval '2 days')", [
    closed.id,
  ]);
  await context.accountWorker.runOnce();
}

/** One of each text, without what opens and ends transactions. */
function distinct(sent: readonly Statement[]): Statement[] {
  const queries = sent.filter(({ text }) => /^(\/\*[^*]*\*\/)?\s*(WITH|SELECT|INSERT|UPDATE|DELETE)\b/.test(text));
  return [...new Map(queries.map((statement) => [statement.text, statement])).values()];
}

/** Returns the big tables that a plan reads from end to end: by a sequential scan, or by an index without a condition. */
function tablesReadIn(step: Step, isLimited = false): string[] {
  const name = step['Relation Name'] ?? step['Index Name'] ?? '';
  const table = BIG_TABLES.find((each) => name === each || name.startsWith(`${each}_`));
  const index = step['Index Name'];
  const readsIndex = index !== undefined && step['Index Cond'] === undefined && !SMALL_INDEXES.includes(index);
  const readsAll = step['Node Type'] === 'Seq Scan' || (readsIndex && !isLimited);
  const within = isLimited || step['Node Type'] === 'Limit';
  const below = (step.Plans ?? []).flatMap((each) => tablesReadIn(each, within));
  return table !== undefined && readsAll ? [table, ...below] : below;
}

/**
 * Returns the big tables that a statement reads from end to end. It is explained with the recorded values; a statement that the
 * service prepares also without, as PostgreSQL plans it after a few runs.
 */
async function tablesRead(client: pg.Client, { text, values = [] }: Statement): Promise<string[]> {
  const plans = [await client.query<Explained>(`EXPLAIN (FORMAT JSON) ${text}`, [...values])];
  if (text.startsWith(PREPARED.sql)) {
    const nulls = values.length === 0 ? '' : `(${values.map(() => 'NULL').join()})`;
    await client.query(`SET plan_cache_mode = force_generic_plan; PREPARE explained AS ${text}`);
    plans.push(await client.query<Explained>(`EXPLAIN (FORMAT JSON) EXECUTE explained ${nulls}`));
    await client.query('DEALLOCATE explained; RESET plan_cache_mode');
  }
  return [...new Set(plans.flatMap(({ rows }) => tablesReadIn(planIn(rows))))];
}

/** Returns what the statements read from end to end and the list above does not allow. */
function offenders(sent: readonly Statement[]): Promise<{ table: string; text: string }[]> {
  return withClient(app.database.url, async (client) => {
    const found: { table: string; text: string }[] = [];
    for (const statement of sent) {
      for (const table of await tablesRead(client, statement)) {
        const exception = READS_EVERYTHING.find((each) => each.table === table && each.text.test(statement.text));
        if (exception) needed.add(exception);
        else found.push({ table, text: statement.text });
      }
    }
    return found;
  });
}

/** Fills the tables beside what the service wrote. No trigger runs and no reference is checked: this is about plans. */
async function fill(status: 'active' | 'expired', oneDrop: boolean): Promise<void> {
  const drop = oneDrop ? `'${UNKNOWN_ID}'::uuid` : 'gen_random_uuid()';
  const settled = status === 'active' ? 'NULL' : 'now()';
  const rows = `generate_series(1, ${ROWS}) n`;
  await app.database.query(`
    SET session_replication_role = replica;
    DELETE FROM users WHERE password_hash = 'fill'; DELETE FROM drops WHERE name LIKE 'Fill %';
    DELETE FROM reservations WHERE idempotency_key IS NULL; DELETE FROM purchases WHERE price = 7;
    DELETE FROM stock_movements WHERE version > 100; TRUNCATE ended_tokens, account_changes;
    INSERT INTO users (username, email, password_hash) SELECT 'f' || n, 'f' || n || '@example.com', 'fill' FROM ${rows};
    INSERT INTO drops (name, price, total_stock, available_stock, created_at)
      SELECT 'Fill ' || n, 1, 1, 1, now() - n * interval '1 s' FROM ${rows};
    INSERT INTO reservations (user_id, drop_id, status, price, settled_at, expires_at)
      SELECT gen_random_uuid(), ${drop}, '${status}', 1, ${settled}, now() + n * interval '1 s' FROM ${rows};
    INSERT INTO purchases (user_id, drop_id, reservation_id, price, created_at)
      SELECT gen_random_uuid(), ${drop}, gen_random_uuid(), 7, now() - n * interval '1 s' FROM ${rows};
    INSERT INTO stock_movements (drop_id, version, delta_available, delta_reserved, delta_sold,
                                 available_stock, reserved_stock, sold_stock, actor_id, created_at)
      SELECT ${drop}, 100 + n, 0, 0, 0, 1, 0, 0, gen_random_uuid(), now() - n * interval '1 s' FROM ${rows};
    INSERT INTO ended_tokens (id, user_id, expires_at)
      SELECT gen_random_uuid(), gen_random_uuid(), now() + n * interval '1 s' FROM ${rows};
    INSERT INTO account_changes (user_id, transaction_id) SELECT gen_random_uuid(), n FROM ${rows};
    RESET session_replication_role`);
}

describe('with 50 000 rows in each table', () => {
  it('records the statements of every part of the service', () => {
    const parts = [
      /INSERT INTO users/,
      /INSERT INTO drops/,
      /INSERT INTO reservations/,
      /INSERT INTO purchases/,
      /FROM stock_movements/,
      /FROM stock_movements own/,
      /WITH matching AS MATERIALIZED/,
      /AS "nextInMs"/,
      /SET total_stock = /,
      /AS reclaimed\(id, updated_at\)/,
      /GROUP BY status/,
      /"dueIn"/,
      /INSERT INTO ended_tokens/,
      /DELETE FROM ended_tokens/,
      /SET has_ended_tokens = false/,
      /FROM account_changes/,
      /SET disabled_at = clock_timestamp\(\)/,
      /SET disabled_at = NULL/,
      /SET erased_at = /,
      /SET password_hash = /,
      /SET token_version = /,
      /SET has_holds_to_release = /,
      /WHERE u\.has_holds_to_release/,
      /u\.role = 'admin' AND u\.disabled_at IS NULL/,
      /AS "tokenRefusal"/,
    ];
    expect(parts.filter((part) => !statements.some(({ text }) => part.test(text)))).toEqual([]);
  });

  it('no statement reads a whole table or index without statistics', async () => {
    await fill('active', false);
    expect(await offenders(statements)).toEqual([]);
  });

  it('no statement does with current statistics', async () => {
    await app.database.query('ANALYZE');
    expect(await offenders(statements)).toEqual([]);
  });

  it('no statement does with statistics of other rows', async () => {
    await fill('expired', true);
    await app.database.query('ANALYZE');
    await fill('active', false);
    expect(await offenders(statements)).toEqual([]);
  });

  it('finds a condition that no index serves', async () => {
    const text = "SELECT r.id FROM reservations r WHERE r.status = 'active' AND r.user_id = $1::uuid";
    expect(await offenders([{ text, values: [UNKNOWN_ID] }])).toEqual([]);
    const cast = text.replace('r.user_id = $1::uuid', 'r.user_id::text = $1::text');
    expect(await offenders([{ text: cast, values: [UNKNOWN_ID] }])).toEqual([{ table: 'reservations', text: cast }]);
  });

  it('finds it in a statement that the service prepares, too', async () => {
    const text = `${PREPARED.sql} SELECT p.id FROM purchases p WHERE p.user_id::text = $1`;
    expect(await offenders([{ text, values: [UNKNOWN_ID] }])).toEqual([{ table: 'purchases', text }]);
  });

  it('lists no exception that is not needed', () => {
    expect(READS_EVERYTHING.filter((exception) => !needed.has(exception))).toEqual([]);
  });
});

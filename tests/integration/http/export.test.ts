import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, TEST_PASSWORD, type TestApp, type TestUser } from '../../helpers/app.js';
import { until } from '../../helpers/locks.js';
import { interceptStatements } from '../../helpers/statements.js';
import { as, buy, dataOf, expectProblem, expectSuccess, hold, ISO_UTC } from './support.js';

/** Part of the statements that only an export sends. */
const SENT_BY_EXPORT = 'AS "dropName"';
const CHUNK_SIZE = 500;

type Item = Readonly<Record<string, unknown>>;
type Export = Readonly<Record<string, readonly Item[]>> & {
  readonly profile: Item;
  readonly lastChange: Item | null;
  readonly exportedAt: string;
};

/** Every column that refers to a person, and where its rows are in the export. A new column has to be added to both. */
const LISTS: Readonly<Record<string, { readonly ids: (data: Export) => readonly unknown[]; readonly key?: string }>> = {
  'reservations.user_id': { ids: ({ reservations }) => idsOf(reservations) },
  'purchases.user_id': { ids: ({ purchases }) => idsOf(purchases) },
  'drops.created_by': { ids: ({ createdDrops }) => idsOf(createdDrops) },
  'stock_movements.actor_id': {
    key: `drop_id || ' ' || version`,
    ids: ({ dropChanges = [] }) => dropChanges.map(({ dropId, version }) => `${String(dropId)} ${String(version)}`),
  },
  'users.disabled_by': { ids: ({ disabledAccounts }) => idsOf(disabledAccounts) },
  'users.enabled_by': { ids: ({ enabledAccounts }) => idsOf(enabledAccounts) },
  'ended_tokens.user_id': { ids: ({ endedTokens }) => idsOf(endedTokens) },
  'account_changes.user_id': {
    key: 'transaction_id::text',
    ids: ({ lastChange }) => (lastChange ? [lastChange.transactionId] : []),
  },
};

/** Columns that no export has: secrets, and what is the same for every open account or follows from another list. */
const NOT_EXPORTED: Readonly<Record<string, readonly string[]>> = {
  users: ['password_hash', 'has_ended_tokens', 'disabled_by', 'enabled_by', 'erased_at', 'has_holds_to_release'],
  reservations: [],
  purchases: [],
  // The deltas follow from the numbers of units that were reserved, purchased, expired, released and added.
  stock_movements: [
    'actor_id', 'actor_role', 'delta_available', 'delta_reserved', 'delta_sold', 'expired_units', 'released_units',
  ], // prettier-ignore
  ended_tokens: ['user_id'],
  account_changes: ['user_id'],
};

let app: TestApp;
let sent: string[] = [];
let admin: TestUser;
let bystander: TestUser;

beforeAll(async () => {
  const onSent = ({ text }: { text: string }) => sent.push(text);
  app = await startTestApp({ PgClient: interceptStatements({ onSent }) });
  admin = await createPast('admin');
  bystander = await createPast('admin');
});
afterAll(() => app.close());

const idsOf = (items: readonly Item[] = []) => items.map(({ id }) => id);
const download = (user: Pick<TestUser, 'token'>) => as(user, app.http.get('/api/users/me/export'));
const exportOf = async (user: TestUser) => dataOf<Export>(await download(user).expect(200));

/** Creates an account with rows of every kind. */
async function createPast(role: 'user' | 'admin'): Promise<TestUser> {
  const user = await app.createUser(role);
  const create = as(user, app.http.post('/api/drops')).set('Idempotency-Key', `drop-of-${user.username}`);
  const created = await create.send({ name: 'Own', price: '5.00', totalStock: 9 });
  const { id: dropId } = expectSuccess(created, 201).data as { id: string };
  await as(user, app.http.post('/api/drops')).send({ name: 'Without key', price: '5.00', totalStock: 9 }).expect(201);
  await as(user, app.http.post(`/api/drops/${dropId}/stock`))
    .set('Idempotency-Key', `stock-of-${user.username}`)
    .send({ delta: 1, reason: 'Found in the store' })
    .expect(200);
  await as(user, app.http.patch(`/api/drops/${dropId}`))
    .send({ name: 'Renamed' })
    .expect(200);
  await buy(app, user, dropId);
  await hold(app, user, await app.createDrop(), `active-of-${user.username}`);
  const released = await hold(app, user, await app.createDrop({ name: 'Released "drop"' }));
  await app.release(user, released.id).expect(200);
  const { dropId: expiredDropId } = await hold(app, user, await app.createDrop());
  await app.expireHolds({ dropId: expiredDropId });
  await hold(app, user, expiredDropId);
  const [other, lost] = [await app.createUser(), { ...user, token: app.context.tokens.sign({ id: user.id, role }) }];
  await as(user, app.http.post(`/api/users/${other.id}/disable`)).expect(200);
  const enabled = await app.createUser();
  await as(user, app.http.post(`/api/users/${enabled.id}/disable`)).expect(200);
  await as(user, app.http.post(`/api/users/${enabled.id}/enable`)).expect(200);
  await as(lost, app.http.post('/api/users/logout')).expect(200);
  return user;
}

/** Inserts settled reservations of one drop and, for the completed ones, purchases. */
async function insertPast(user: TestUser, count: number, status: 'expired' | 'completed'): Promise<void> {
  const dropId = await app.createDrop({ name: 'x'.repeat(200) });
  await app.database.query(
    `WITH past AS (
       INSERT INTO reservations (user_id, drop_id, status, settled_at)
       SELECT $1, $2, $3, now() - number / 2 * interval '1 s' FROM generate_series(1, $4::int) AS number RETURNING id
     )
     INSERT INTO purchases (user_id, drop_id, reservation_id, price, created_at)
     SELECT $1, $2, id, 1, now() FROM past WHERE $3 = 'completed'`,
    [user.id, dropId, status, count],
  );
}

describe('an export has everything', () => {
  it('of each table with a column that refers to a person', async () => {
    const { rows } = await app.database.query<{ column: string }>(
      `SELECT format('%s.%s', relname, attname) AS column
       FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
       LEFT JOIN LATERAL (SELECT array_agg(confrelid) AS tables FROM pg_constraint
                          WHERE conrelid = attrelid AND contype = 'f' AND attnum = ANY(conkey)) refers ON true
       WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace AND attnum > 0 AND NOT attisdropped
         AND ('users'::regclass = ANY(tables) OR attname ~ '_by$|email|username'
              -- An id that refers to no table may be that of a person.
              OR atttypid = 'uuid'::regtype AND attname NOT IN ('id', 'drop_id') AND tables IS NULL)
         AND (relname <> 'users' OR attname IN ('disabled_by', 'enabled_by'))`,
    );
    expect(rows.map(({ column }) => column).sort()).toEqual(Object.keys(LISTS).sort());
  });

  it.each(Object.entries(LISTS))('that %s refers to, and nothing of others', async (name, { ids, key = 'id' }) => {
    const [table = '', column = ''] = name.split('.');
    for (const user of [admin, bystander]) {
      const { rows } = await app.database.query<{ key: string }>(
        `SELECT ${key} AS key FROM ${table} WHERE ${column} = $1 ORDER BY 1`,
        [user.id],
      );
      expect(rows.length).toBeGreaterThan(0);
      expect([...ids(await exportOf(user))].sort()).toEqual(rows.map((row) => row.key).sort());
    }
  });

  it.each(Object.entries(NOT_EXPORTED))('in each column of %s but these: %j', async (table, notExported) => {
    const { rows } = await app.database.query<{ column: string }>(
      `SELECT column_name AS column FROM information_schema.columns
       WHERE table_schema = current_schema() AND table_name = $1`,
      [table],
    );
    const expected = rows.map(({ column }) => column).filter((column) => !notExported.includes(column));
    const {
      profile,
      reservations = [],
      purchases = [],
      dropChanges,
      endedTokens = [],
      lastChange,
    } = await exportOf(admin);
    const item = {
      users: profile,
      reservations: reservations[0],
      purchases: purchases[0],
      stock_movements: dropChanges?.[0],
    };
    const exported = { ...item, ended_tokens: endedTokens[0], account_changes: lastChange ?? {} }[table];
    const names = expected.map((column) => column.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()));
    expect(Object.keys(exported ?? {})).toEqual(expect.arrayContaining(names));
  });

  it('in the form of the API', async () => {
    const response = await download(admin).expect(200);
    expect(response.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
    });
    expect(Object.keys(response.body as object)).toEqual(['status', 'message', 'data']);
    const data = dataOf<Export>(response);
    expect(data.exportedAt).toMatch(ISO_UTC);
    expect(data.profile).toMatchObject({ id: admin.id, username: admin.username, email: admin.email, role: 'admin' });
    const released = data.reservations?.find(({ status }) => status === 'released');
    expect(released).toMatchObject({ dropName: 'Released "drop"', userId: admin.id, idempotencyKey: null });
    expect(released?.settledAt).toMatch(ISO_UTC);
    const statuses = data.reservations?.map(({ status }) => status);
    expect([...new Set(statuses)].sort()).toEqual(['active', 'completed', 'expired', 'released']);
    expect(data.reservations).toContainEqual(
      expect.objectContaining({ status: 'active', settledAt: null, idempotencyKey: `active-of-${admin.username}` }),
    );
    expect(data.purchases).toMatchObject([{ price: '5.00', currency: 'USD', dropName: 'Renamed' }]);
    const changes = data.dropChanges?.filter(({ dropName }) => dropName === 'Renamed');
    expect(changes).toMatchObject([
      { version: 1, cause: 'create', added: 9 },
      {
        version: 2,
        cause: 'adjust',
        added: 1,
        reason: 'Found in the store',
        idempotencyKey: `stock-of-${admin.username}`,
      },
      { version: 3, cause: 'edit', added: 0, changed: { name: 'Renamed' }, reason: null },
    ]);
    expect(changes?.[0]?.createdAt).toMatch(ISO_UTC);
    expect(data.createdDrops).toContainEqual(
      expect.objectContaining({ name: 'Renamed', idempotencyKey: `drop-of-${admin.username}` }),
    );
  });

  it('but the hash of the password, and names of other people', async () => {
    const { text } = await download(admin).expect(200);
    const { rows } = await app.database.query<{ secret: string }>(
      `SELECT password_hash AS secret FROM users UNION SELECT email FROM users WHERE id <> $1
       UNION SELECT username FROM users WHERE id <> $1`,
      [admin.id],
    );
    expect(rows.length).toBeGreaterThan(4);
    for (const { secret } of rows) expect(text).not.toContain(secret);
  });

  it('and of a new account empty lists', async () => {
    const data = await exportOf(await app.createUser());
    expect(data).toMatchObject({
      reservations: [],
      purchases: [],
      createdDrops: [],
      dropChanges: [],
      endedTokens: [],
      lastChange: null,
    });
  });

  it('for HEAD no body, and no list is read', async () => {
    sent = [];
    const response = await as(admin, app.http.head('/api/users/me/export')).expect(200);
    expect(response.text).toBeFalsy();
    expect(sent.filter((text) => text.includes(SENT_BY_EXPORT))).toEqual([]);
  });
});

describe('an export of a large account', () => {
  it('has every row once, read in chunks', async () => {
    const user = await app.createUser();
    await insertPast(user, 3_000, 'expired');
    await insertPast(user, 2_000, 'completed');
    const active = await hold(app, user, await app.createDrop());
    sent = [];
    const { reservations, purchases } = await exportOf(user);
    expect(new Set(idsOf(reservations)).size).toBe(5_001);
    expect(reservations).toHaveLength(5_001);
    expect(reservations?.[0]?.id).toBe(active.id);
    expect(new Set(idsOf(purchases)).size).toBe(2_000);
    expect(purchases).toHaveLength(2_000);
    const chunks = sent.filter((text) => text.includes(SENT_BY_EXPORT)).length;
    expect(chunks).toBeGreaterThanOrEqual((3_000 + 2_000 + 2_000) / CHUNK_SIZE);
  });

  it('has every change of drops once, also of deleted drops, read in chunks', async () => {
    const maker = await app.createUser('admin');
    // Three changes of each drop, so that a chunk ends between two of one drop.
    await app.database.query(`
      SELECT set_config('drop_inventory.actor', '${maker.id}', true);
      INSERT INTO drops (name, price, total_stock, created_by) SELECT 'Made', 1, 1, '${maker.id}' FROM generate_series(1, 500);
      UPDATE drops SET name = 'Renamed' WHERE created_by = '${maker.id}';
      UPDATE drops SET price = 2 WHERE created_by = '${maker.id}';
      DELETE FROM drops WHERE id IN (SELECT id FROM drops WHERE created_by = '${maker.id}' LIMIT 200)`);
    sent = [];
    const { dropChanges = [] } = await exportOf(maker);
    expect(dropChanges).toHaveLength(1_500);
    expect(new Set(dropChanges.map(({ dropId, version }) => `${String(dropId)} ${String(version)}`)).size).toBe(1_500);
    expect(dropChanges.filter(({ dropName }) => dropName === null)).toHaveLength(200 * 3);
    const chunks = sent.filter((text) => text.includes('stock_movements own')).length;
    expect(chunks).toBe(1_500 / CHUNK_SIZE + 1);
  });

  it('is not read further than the client takes it, nor after it has disconnected', async () => {
    const count = 50_000;
    const user = await app.createUser();
    await insertPast(user, count, 'expired');
    sent = [];
    const reads = () => sent.filter((text) => text.includes(SENT_BY_EXPORT)).length;
    const abort = new AbortController();
    const response = await fetch(`${app.url}/api/users/me/export`, {
      headers: { Authorization: `Bearer ${user.token}` },
      signal: abort.signal,
    });
    expect(response.status).toBe(200);
    const reader = response.body?.getReader();
    await reader?.read();
    // The buffers of the connection fill up.
    let before = -1;
    await until('the export to pause', async () => {
      const known = before;
      before = reads();
      await new Promise((resolve) => setTimeout(resolve, 500));
      return before > 1 && known === before;
    });
    expect(reads()).toBeLessThan(count / CHUNK_SIZE / 2);
    abort.abort();
    await reader?.read().catch(() => undefined);
    // Another whole export proves that time has passed and that the place of the first one is free.
    await exportOf(bystander);
    const after = reads();
    await exportOf(bystander);
    const perExport = 5;
    expect(reads() - after).toBe(perExport);
  });
});

it('is refused after the account was erased', async () => {
  const user = await app.createUser();
  await exportOf(user);
  await as(user, app.http.delete('/api/users/me')).send({ password: TEST_PASSWORD }).expect(200);
  expectProblem(await download(user), 'unauthenticated');
});

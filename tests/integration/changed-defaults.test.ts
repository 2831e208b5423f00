import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schemaOf, SESSION_SETTINGS } from '../../src/lib/db/session-settings.js';
import { startTestApp, type TestApp } from '../helpers/app.js';
import { canTest } from '../helpers/can-test.js';
import { CHANGED_DEFAULTS, createChangedDatabase, type ChangedDatabase } from '../helpers/changed-defaults.js';
import { until } from '../helpers/locks.js';
import { hasPgbouncer, openPooler, type TestPooler } from '../helpers/pgbouncer.js';
import { listenTo } from '../helpers/sockets.js';
import { withClient } from '../helpers/test-server.js';

const withPooler = canTest('a pooler before a database with other defaults', hasPgbouncer, 'There is no pgbouncer.');

/** Variables meant for psql and other tools; node's pg reads them too. */
const ENVIRONMENT = {
  PGOPTIONS: '-c timezone=Asia/Tokyo -c default_transaction_read_only=on -c search_path=pg_catalog',
  PGTZ: 'Asia/Tokyo',
  PGDATESTYLE: 'SQL, DMY',
  PGCLIENTENCODING: 'LATIN1',
};

const PASSWORD = 'correct horse';
const STARTS_AT = '2021-07-05T06:07:08.009Z';
const ENDS_AT = '2031-01-05T06:07:08.009Z';
const HOLD_SECONDS = 3;
const CLOCK_TOLERANCE_MS = 60_000;

interface Start {
  readonly database: ChangedDatabase;
  readonly url: string;
}

const start = ({ database, url }: Start) =>
  startTestApp({
    database,
    env: {
      DATABASE_URL: url,
      ...(url !== database.url && { DIRECT_DATABASE_URL: database.url }),
      ROLE: 'all',
      RESERVATION_TTL_SECONDS: String(HOLD_SECONDS),
    },
    pollLedger: true,
  });

/** The main flow of the contract, from an empty database to a restart. Every response is compared with fixed values. */
async function mainFlow(target: Start): Promise<void> {
  let app = await start(target);
  try {
    await expectPinned(app, target);

    const post = (path: string, body: object, token?: string) => {
      const request = app.http.post(path).send(body);
      return token === undefined ? request : request.auth(token, { type: 'bearer' });
    };
    const register = (username: string, email: string) =>
      post('/api/users/register', { username, email, password: PASSWORD });
    const login = (email: string) => post('/api/users/login', { email, password: PASSWORD });

    // Accounts: I and i are the same letter under any collation.
    const buyer = await register('IDA_I', 'INFO.Ida@Example.com').expect(201);
    await register('ida_i', 'other@example.com').expect(409).expect(hasCode('username-taken'));
    await register('other', 'info.IDA@example.COM').expect(409).expect(hasCode('email-taken'));
    const session = await login('info.ida@example.com').expect(200);
    expect(session.body.data.user.id).toBe(buyer.body.data.user.id);
    const token = session.body.data.token as string;
    const second = (await register('second', 'second@example.com').expect(201)).body.data.token as string;
    const admin = await register('admin', 'admin@example.com').expect(201);
    await target.database.query(`UPDATE users SET role = 'admin' WHERE username = 'admin'`);
    const adminToken = admin.body.data.token as string;
    const profile = await app.http.get(`/api/users/${buyer.body.data.user.id}`).auth(token, { type: 'bearer' });
    expectNow(profile.body.data.createdAt);

    // A drop: times are returned as they were sent, and a violated CHECK is a 400 under any language setting.
    const members = { name: 'İPEK Éclair SIRKET', price: '12.50', totalStock: 123_456 };
    await post('/api/drops', { ...members, dropEndsAt: '2001-01-01T00:00:00Z' }, adminToken)
      .expect(400)
      .expect(hasCode('validation-failed'));
    const times = { dropStartsAt: STARTS_AT, dropEndsAt: ENDS_AT };
    const created = await post('/api/drops', { ...members, ...times }, adminToken).expect(201);
    const dropId = created.body.data.id as string;
    await post('/api/drops', { ...members, name: 'Later', dropStartsAt: ENDS_AT }, adminToken).expect(201);
    const listed = await app.http.get('/api/drops?status=live').expect(200);
    const detail = await app.http.get(`/api/drops/${dropId}`).expect(200);
    for (const drop of [created.body.data, listed.body.data[0], detail.body.data]) {
      expect(drop).toMatchObject({ ...members, ...times, status: 'live', availableStock: 123_456 });
      expectNow(drop.createdAt);
    }
    expect(listed.body.data).toHaveLength(1);

    // A search: non-ASCII letters match in upper and lower case, composed and decomposed.
    for (const q of ['éclair', 'E\u0301CLAIR', 'sirket', 'İpek'.normalize('NFD')]) {
      const found = await app.http.get('/api/drops').query({ q }).expect(200);
      expect(found.body.data.map(({ id }: { id: string }) => id)).toEqual([dropId]);
    }

    // A reservation and its purchase, with the events of both.
    const listener = await listenTo(app, { token });
    const reserved = await post('/api/reservations', { dropId }, token).expect(201);
    const { reservation, serverTime } = reserved.body.data as {
      reservation: Times & { id: string };
      serverTime: string;
    };
    expectNow(serverTime);
    expect(Date.parse(reservation.expiresAt) - Date.parse(reservation.createdAt)).toBe(HOLD_SECONDS * 1_000);
    await post('/api/reservations', { dropId }, token).expect(409).expect(hasCode('already-reserved'));
    const mine = await app.http.get('/api/reservations').auth(token, { type: 'bearer' }).expect(200);
    expect(mine.body.data).toMatchObject([{ id: reservation.id, expiresAt: reservation.expiresAt }]);
    const bought = await post('/api/purchases', { reservationId: reservation.id }, token).expect(201);
    expectNow(bought.body.data.createdAt);
    const purchases = await app.http.get('/api/purchases/mine').auth(token, { type: 'bearer' }).expect(200);
    expect(purchases.body.data).toMatchObject([{ id: bought.body.data.id, createdAt: bought.body.data.createdAt }]);
    const { topPurchasers } = (await app.http.get(`/api/drops/${dropId}`)).body.data;
    expect(topPurchasers).toMatchObject([{ username: 'IDA_I', purchasedAt: bought.body.data.createdAt }]);

    // A release, and a hold that the worker expires.
    const held = await post('/api/reservations', { dropId }, second).expect(201);
    const release = () =>
      app.http.delete(`/api/reservations/${held.body.data.reservation.id}`).auth(second, { type: 'bearer' });
    await release().expect(200);
    await release().expect(200);
    const last = await post('/api/reservations', { dropId }, token).expect(201);
    await until('the worker to expire the hold', () => {
      const expired = listener.events.filter(({ name }) => name === 'reservation_update');
      return expired.some(
        ({ payload }) => (payload as { reservationId: string }).reservationId === last.body.data.reservation.id,
      );
    });
    await until(
      'the last inventory_update',
      () =>
      listener.events.some(({ name, payload }) => name === 'inventory_update' && (payload as { reservedStock: number }).reservedStock === 0 && (payload as { soldStock: number }).soldStock === 1), // prettier-ignore
    );
    const socketTime = listener.events.find(({ name }) => name === 'purchase_update')?.payload as {
      purchasedAt: string;
    };
    expect(socketTime.purchasedAt).toBe(bought.body.data.createdAt);
    listener.close();
    expect(await app.mismatches()).toEqual([]);

    // A restart on the same database.
    await app.close();
    app = await start(target);
    const again = await login('Info.Ida@EXAMPLE.com').expect(200);
    expect(again.body.data.user.username).toBe('IDA_I');
    const after = await app.http.get(`/api/drops/${dropId}`).expect(200);
    expect(after.body.data).toMatchObject({ ...members, ...times, availableStock: 123_455, soldStock: 1 });
    expect(await app.mismatches()).toEqual([]);
  } finally {
    await app.close();
  }
}

/** Expects the sessions of the service to have the settings that it requires. */
async function expectPinned({ context }: TestApp, { database, url }: Start): Promise<void> {
  const [row] = await context.db.$queryRaw<[{ settings: Record<string, string>; isResolved: boolean }]>`
    SELECT (SELECT json_object_agg(name, setting) FROM pg_settings) AS settings,
           to_regclass('drops') = to_regclass(quote_ident(${schemaOf(url)}) || '.drops') AS "isResolved"`;
  expect(row.isResolved).toBe(true);
  const direct = database.url === url;
  for (const { name, value, required } of SESSION_SETTINGS) {
    if (direct || required) expect(`${name} = ${row.settings[name]}`).toBe(`${name} = ${value}`);
  }
}

interface Times {
  readonly createdAt: string;
  readonly expiresAt: string;
}

const hasCode = (code: string) => (response: { body: { code?: string } }) => {
  expect(response.body.code).toBe(code);
};

function expectNow(time: string): void {
  expect(Math.abs(Date.parse(time) - Date.now())).toBeLessThan(CLOCK_TOLERANCE_MS);
}

const saved = Object.fromEntries(Object.keys(ENVIRONMENT).map((name) => [name, process.env[name]]));
beforeAll(() => {
  Object.assign(process.env, ENVIRONMENT);
});
afterAll(() => {
  for (const [name, value] of Object.entries(saved)) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
});

describe.each(['public', 'Shop 1'])('a database with changed defaults and tables in the schema %s', (schema) => {
  let database: ChangedDatabase;
  beforeAll(async () => {
    database = await withoutEnvironment(() => createChangedDatabase(schema));
  });
  afterAll(() => withoutEnvironment(() => database.drop()));

  it('applies its defaults to sessions that set nothing', () => withoutEnvironment(() => expectChanged(database)));

  it('supports the main flow, also after a restart', async () => {
    await mainFlow({ database, url: database.url });
    await expectOnlyIn(database, schema);
  });

  it('writes the ledger when a session with another search path changes a drop', async () => {
    const drops = `${pg.escapeIdentifier(schema)}.drops`;
    await database.query(`DO $$ BEGIN
      SET LOCAL search_path = pg_catalog;
      INSERT INTO ${drops} (name, price, total_stock) VALUES ('By hand', 1, 5);
      UPDATE ${drops} SET total_stock = 7 WHERE name = 'By hand';
    END $$`);
    const { rows } = await database.query(
      `SELECT m.version, m.available_stock FROM ${pg.escapeIdentifier(schema)}.stock_movements m
         JOIN ${drops} ON id = drop_id WHERE name = 'By hand' ORDER BY m.version`,
    );
    expect(rows).toEqual([
      { version: 1, available_stock: 5 },
      { version: 2, available_stock: 7 },
    ]);
  });
});

/** Runs `work` without the changed environment variables. */
async function withoutEnvironment<T>(work: () => Promise<T>): Promise<T> {
  for (const name of Object.keys(ENVIRONMENT)) Reflect.deleteProperty(process.env, name);
  try {
    return await work();
  } finally {
    Object.assign(process.env, ENVIRONMENT);
  }
}

async function expectChanged(database: ChangedDatabase): Promise<void> {
  const { settings, schema, foldsAscii, error } = await database.unpinned();
  const found = Object.fromEntries(Object.keys(CHANGED_DEFAULTS).map((name) => [name, settings[name]]));
  expect(found).toEqual(CHANGED_DEFAULTS);
  expect(schema).toBe(database.role);
  expect(foldsAscii).toBe(database.unchanged.includes('collation'));
  expect(error === 'division by zero').toBe(database.unchanged.includes('lc_messages'));
}

/** Expects the service's tables in this schema only, and the other application's table to be unchanged. */
async function expectOnlyIn(database: ChangedDatabase, schema: string): Promise<void> {
  const { rows } = await database.query<{ schema: string }>(
    `SELECT DISTINCT relnamespace::regnamespace::text AS schema FROM pg_class
      WHERE relname IN ('reservations', 'purchases') ORDER BY 1`,
  );
  expect(rows.map((row) => row.schema.replaceAll('""', '"').replace(/^"(.*)"$/, '$1'))).toEqual([schema]);
  const others = await database.query(`SELECT FROM "${database.role}".users`);
  expect(others.rowCount).toBe(0);
}

/** Settings under which the check of a pooler's session times out on a slow machine. */
const SLOW_SETTINGS = ['statement_timeout', 'jit_above_cost'];

/** Runs statements one by one, as in psql. */
const runAs = (database: ChangedDatabase, statements: readonly string[]) =>
  withoutEnvironment(() =>
    withClient(database.url, async (client) => {
      for (const statement of statements) await client.query(statement);
    }),
  );

describe.runIf(withPooler)('a database with changed defaults behind a pooler that refuses parameters', () => {
  let database: ChangedDatabase;
  let pooler: TestPooler;
  beforeAll(async () => {
    database = await withoutEnvironment(() => createChangedDatabase('shop', { except: SLOW_SETTINGS }));
  });
  afterAll(() => withoutEnvironment(() => database.drop()));

  it('is refused with an error that contains the statements to correct it', async () => {
    pooler = await openPooler(database.url, 6);
    const url = pooler.urlOf(database.url);
    try {
      const refusal = await start({ database, url }).then(
        async (app) => {
          await app.close();
          return '';
        },
        (error: unknown) => (error as Error).message,
      );
      expect(refusal).toContain("extra_float_digits is '-15' and has to be '1'");
      expect(refusal).toContain('search_path finds other objects');
      // PgBouncer sets these parameters for each transaction.
      expect(refusal).not.toContain('TimeZone');
      const statements = refusal.split('\n').filter((line) => /^ {2}(SET|ALTER ROLE) /.test(line));
      await runAs(database, statements);
    } finally {
      await pooler.close();
    }
  });

  it('supports the main flow after these statements, also after a restart', async () => {
    pooler = await openPooler(database.url, 6);
    try {
      await mainFlow({ database, url: pooler.urlOf(database.url) });
      await expectOnlyIn(database, 'shop');
    } finally {
      await pooler.close();
    }
  });
});

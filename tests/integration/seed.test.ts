import { readdir } from 'node:fs/promises';
import bcrypt from 'bcryptjs';
import pg from 'pg';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, type DatabaseHandle } from '../../src/lib/db/database.js';
import { verifyStock } from '../../src/inventory/verify.js';
import { assertNoDefaultAccounts, DefaultAccountsError } from '../../src/seed/seed-demo-data.js';
import { DEMO_DROPS, DEMO_PASSWORD, DEMO_PURCHASES } from '../../src/seed/demo-data.js';
import { describeSeedReport, isEmptyDatabase, seedDemoData } from '../../src/seed/seed-demo-data.js';
import { createTestDatabase, type TestDatabase } from '../helpers/database.js';

const ALL_ADDED = 'Demo data: added 5 users, 20 drops, 10 purchases.';
const NOTHING_ADDED = 'Demo data: nothing to add; already present and unchanged: 5 users, 20 drops, 10 purchases.';

let database: TestDatabase;
let client: pg.Client;
let prisma: DatabaseHandle;

beforeEach(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  prisma = openDatabase(database.url, { logger: pino({ level: 'silent' }) });
});

afterEach(async () => {
  await prisma.close();
  await client.end();
  await database.drop();
});

const seed = async () => describeSeedReport(await seedDemoData(client));

async function rows<Row extends pg.QueryResultRow>(sql: string, params: unknown[] = []): Promise<Row[]> {
  return (await client.query<Row>(sql, params)).rows;
}

/** Returns every row of every table that the seed fills, as text, to detect any change. */
async function everyRow(): Promise<string[]> {
  const all = await rows<{ row: string }>(
    `SELECT u::text AS row FROM users u UNION ALL SELECT d::text FROM drops d UNION ALL SELECT r::text FROM reservations r
     UNION ALL SELECT p::text FROM purchases p UNION ALL SELECT m::text FROM stock_movements m ORDER BY row`,
  );
  return all.map(({ row }) => row);
}

/** Returns a demo purchase of the drop with this name. */
function purchaseOf(dropName: RegExp) {
  const drop = DEMO_DROPS.find(({ name }) => dropName.test(name));
  const purchase = DEMO_PURCHASES.find(({ dropId }) => dropId === drop?.id);
  if (!purchase) throw new Error(`No demo purchase of ${dropName.source}`);
  return purchase;
}

describe('the demo data in an empty database', () => {
  it('contains the users, each with the demo password', async () => {
    expect(await isEmptyDatabase(client)).toBe(true);
    expect(await seed()).toBe(ALL_ADDED);
    expect(await isEmptyDatabase(client)).toBe(false);

    const users = await rows<{ account: string; hash: string }>(
      `SELECT concat_ws(' ', username, email, role) AS account, password_hash AS hash FROM users ORDER BY username`,
    );
    expect(users.map(({ account }) => account)).toEqual([
      'admin admin@techzu.com admin',
      'emma_w emma@example.com user',
      'johndoe john@example.com user',
      'mike92 mike@example.com user',
      'sarah_k sarah@example.com user',
    ]);
    for (const { hash } of users) expect(await bcrypt.compare(DEMO_PASSWORD, hash)).toBe(true);
  });

  it('contains drops in every state, mostly live ones first', async () => {
    await seed();
    const drops = await rows<{ status: string }>(
      'SELECT drop_status(d) AS status FROM drops d ORDER BY created_at DESC',
    );
    const count = (status: string) => drops.filter((drop) => drop.status === status).length;
    expect(
      Object.fromEntries(['live', 'scheduled', 'sold_out', 'ended', 'paused', 'cancelled'].map((s) => [s, count(s)])),
    ).toEqual({ live: 10, scheduled: 3, sold_out: 3, ended: 2, paused: 1, cancelled: 1 });
    expect(drops.slice(0, 10).filter(({ status }) => status === 'live').length).toBeGreaterThan(6);

    expect(
      await rows(`SELECT total_stock AS total FROM drops d WHERE drop_status(d) = 'sold_out' ORDER BY total_stock`),
    ).toEqual([{ total: 1 }, { total: 2 }, { total: 3 }]);
    const buyers = `SELECT FROM drops d WHERE drop_status(d) = 'live' AND EXISTS (SELECT FROM purchases WHERE drop_id = d.id)`;
    expect((await rows(buyers)).length).toBeGreaterThan(1);
  });

  it('is consistent with regular purchases', async () => {
    await seed();
    expect(await verifyStock(prisma.db)).toEqual([]);
    expect(await rows('SELECT FROM drops WHERE reserved_stock <> 0')).toEqual([]);
    expect(
      await rows(
        `SELECT p.id FROM purchases p JOIN drops d ON d.id = p.drop_id JOIN users u ON u.id = p.user_id
           JOIN reservations r ON r.id = p.reservation_id
         WHERE r.status <> 'completed' OR r.settled_at <> p.created_at OR p.created_at NOT BETWEEN r.created_at AND r.expires_at
            OR p.price <> d.price OR p.created_at < d.drop_starts_at OR p.created_at > clock_timestamp()
            OR r.created_at < d.created_at OR u.created_at > r.created_at`,
      ),
    ).toEqual([]);
    expect(
      await rows(
        `SELECT d.name FROM purchases p JOIN drops d ON d.id = p.drop_id
         GROUP BY d.id, p.user_id HAVING count(*) > d.limit_per_user`,
      ),
    ).toEqual([]);
  });

  it('uses every image file once', async () => {
    await seed();
    const shown = await rows<{ url: string }>('SELECT image_url AS url FROM drops');
    const files = await readdir(new URL('../../public/images', import.meta.url));
    expect(shown.map(({ url }) => url).sort()).toEqual(files.map((file) => `/images/${file}`).sort());
  });

  it('is inserted in one transaction', async () => {
    await client.query('ALTER TABLE purchases ADD CONSTRAINT in_the_way CHECK (price < 1000)');
    await expect(seed()).rejects.toThrow('in_the_way');
    expect(await everyRow()).toEqual([]);

    await client.query('ALTER TABLE purchases DROP CONSTRAINT in_the_way');
    expect(await seed()).toBe(ALL_ADDED);
  });
});

describe('the demo data, inserted again,', () => {
  it('changes nothing if it is complete', async () => {
    await seed();
    const before = await everyRow();
    expect(await seed()).toBe(NOTHING_ADDED);
    expect(await everyRow()).toEqual(before);
  });

  it('does not overwrite changed rows', async () => {
    await seed();
    await client.query(`UPDATE users SET email = upper(email), password_hash = 'changed', role = 'user'`);
    await client.query(`UPDATE drops SET name = 'Changed', total_stock = total_stock + 5, cancelled_at = now()`);
    const before = await everyRow();
    expect(await seed()).toBe(NOTHING_ADDED);
    expect(await everyRow()).toEqual(before);
  });

  it('restores deleted drops', async () => {
    await seed();
    await client.query(`DELETE FROM drops WHERE id NOT IN (SELECT drop_id FROM reservations) AND total_stock > 100`);
    const deletedCount = 20 - (await rows('SELECT FROM drops')).length;
    expect(deletedCount).toBeGreaterThan(1);

    expect(await seed()).toContain(
      `added ${deletedCount} drops; already present and unchanged: 5 users, ${20 - deletedCount} drops`,
    );
    expect(await rows('SELECT FROM drops')).toHaveLength(20);
    expect(await verifyStock(prisma.db)).toEqual([]);
    expect(await seed()).toBe(NOTHING_ADDED);
  });

  it('restores a deleted drop with its purchases, also repeatedly', async () => {
    await seed();
    const { dropId } = purchaseOf(/Guitar/);
    for (const round of [1, 2]) {
      const history = `(SELECT id FROM drops WHERE name LIKE '%Guitar%')`;
      await client.query(`DELETE FROM purchases WHERE drop_id IN ${history}`);
      await client.query(`DELETE FROM reservations WHERE drop_id IN ${history}`);
      await client.query(`DELETE FROM drops WHERE id IN ${history}`);

      expect(await seed()).toContain('added 1 drop, 3 purchases;');
      const id = dropId.replace('-0000-', `-000${round}-`);
      expect(await rows(`SELECT id FROM drops d WHERE name LIKE '%Guitar%' AND drop_status(d) = 'sold_out'`)).toEqual([
        { id },
      ]);
      expect(await verifyStock(prisma.db)).toEqual([]);
    }
  });

  it('restores a purchase whose unit is available again, and counts the unit as sold', async () => {
    await seed();
    const { id, reservationId, dropId } = purchaseOf(/Guitar/);
    await client.query('DELETE FROM purchases WHERE id = $1', [id]);
    await client.query('DELETE FROM reservations WHERE id = $1', [reservationId]);
    await client.query('UPDATE drops SET available_stock = 1, sold_stock = sold_stock - 1 WHERE id = $1', [dropId]);

    expect(await seed()).toContain('added 1 purchase;');
    expect(await verifyStock(prisma.db)).toEqual([]);
    expect(await rows('SELECT available_stock AS available FROM drops WHERE id = $1', [dropId])).toEqual([
      { available: 0 },
    ]);
  });

  it('restores a purchase whose unit still counts as sold, without a change of stock', async () => {
    await seed();
    const { id, dropId } = purchaseOf(/Runner/);
    await client.query('DELETE FROM purchases WHERE id = $1', [id]);
    expect(await verifyStock(prisma.db)).toMatchObject([{ dropId }]);

    expect(await seed()).toContain('added 1 purchase;');
    expect(await verifyStock(prisma.db)).toEqual([]);
  });

  it('skips a purchase of a drop without stock, and reports it', async () => {
    await seed();
    const { id, reservationId, dropId } = purchaseOf(/Guitar/);
    await client.query('DELETE FROM purchases WHERE id = $1', [id]);
    await client.query('DELETE FROM reservations WHERE id = $1', [reservationId]);
    await client.query('UPDATE drops SET total_stock = 2, sold_stock = 2 WHERE id = $1', [dropId]);

    expect(await seed()).toContain(`skipped purchase ${id}: drop ${dropId} has no stock left`);
    expect(await verifyStock(prisma.db)).toEqual([]);
  });

  it('skips a user whose username is taken, and reports it', async () => {
    await client.query(
      `INSERT INTO users (username, email, password_hash) VALUES ('JohnDoe', 'other@example.com', 'x')`,
    );
    const report = await seed();
    expect(report).toContain('skipped user john@example.com: another user has the username johndoe');
    expect(report).toContain('its buyer john@example.com is missing');
    expect(await verifyStock(prisma.db)).toEqual([]);
  });

  it('is inserted once by two concurrent runs', async () => {
    const other = new pg.Client({ connectionString: database.url });
    await other.connect();
    try {
      const reports = await Promise.all([seedDemoData(client), seedDemoData(other)]);
      expect(reports.map(describeSeedReport).sort()).toEqual([ALL_ADDED, NOTHING_ADDED]);
      expect(await verifyStock(prisma.db)).toEqual([]);
    } finally {
      await other.end();
    }
  });
});

describe('default accounts', () => {
  const refusalMessage = async () =>
    assertNoDefaultAccounts(client).then(
      () => 'none',
      (error: unknown) => (error instanceof DefaultAccountsError ? error.message : Promise.reject(error as Error)),
    );

  it('are refused and named until their passwords change', async () => {
    expect(await refusalMessage()).toBe('none');
    await seed();
    await client.query(`UPDATE users SET email = 'Admin@Techzu.com' WHERE username = 'admin'`);
    const named = await refusalMessage();
    for (const email of ['Admin@Techzu.com', 'john@', 'sarah@', 'mike@', 'emma@']) expect(named).toContain(email);

    const otherHash = await bcrypt.hash('another password', 4);
    await client.query(`UPDATE users SET password_hash = $1 WHERE username <> 'mike92'`, [otherHash]);
    const remaining = await refusalMessage();
    expect(remaining).toContain('mike@example.com');
    expect(remaining).not.toMatch(/techzu|john|sarah|emma/i);

    await client.query(`UPDATE users SET password_hash = $1`, [otherHash]);
    expect(await refusalMessage()).toBe('none');
  });

  it('are locked by the statement in the error message', async () => {
    await seed();
    const statement = /UPDATE users SET password_hash.*;/.exec(await refusalMessage())?.[0];
    expect((await client.query(statement ?? '')).rowCount).toBe(5);
    expect(await refusalMessage()).toBe('none');
  });
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { applyMigrations } from '../../../src/lib/db/migrations/migrate.js';
import { startTestApp, type TestUser } from '../../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { recordAccount } from '../../helpers/leaks/answer-rules.js';
import { as, dataOf, editDrop } from '../http/support.js';
import { migrateUntil, recordingLogger } from './migrations.js';
import { insertUser, only } from './rows.js';

const PRICES_MIGRATION = '20261130215900_keep_the_price_of_a_hold';
const STATUSES = ['active', 'overdue', 'completed', 'expired', 'released'] as const;
const PRICES = ['175.00', '0.00', '99999999.99'] as const;

interface Held {
  readonly userId: string;
  readonly dropId: string;
  readonly dropPrice: string;
  readonly reservationId: string;
  readonly status: (typeof STATUSES)[number];
}

let db: TestDatabase;
const holds: Held[] = [];

/** Everything that the migration must not change. */
async function contents(): Promise<Record<string, unknown>> {
  const { rows } = await db.query<Record<string, unknown>>(
    `SELECT (SELECT jsonb_agg(to_jsonb(r) - 'price' ORDER BY id) FROM reservations r) AS reservations,
            (SELECT jsonb_agg(to_jsonb(d) - '{currency,description,is_sold_out}'::text[] ORDER BY id) FROM drops d) AS drops,
            (SELECT jsonb_agg(to_jsonb(p) ORDER BY id) FROM purchases p) AS purchases,
            (SELECT jsonb_agg(to_jsonb(m) ORDER BY drop_id, version) FROM stock_movements m) AS movements`,
  );
  return only(rows);
}

/** Moves one unit of a drop from one count to another. */
async function move(dropId: string, from: string, to: string): Promise<void> {
  await db.query(`UPDATE drops SET ${from} = ${from} - 1, ${to} = ${to} + 1 WHERE id = $1`, [dropId]);
}

/** Writes a reservation as the version before the migration did: it moves the unit, and settles the hold. */
async function insertHeld(dropId: string, dropPrice: string, status: Held['status']): Promise<void> {
  const userId = await insertUser(db);
  await move(dropId, 'available_stock', 'reserved_stock');
  const { rows } = await db.query<{ id: string }>(
    `INSERT INTO reservations (user_id, drop_id, expires_at)
     VALUES ($1, $2, now() + CASE $3 WHEN 'active' THEN interval '1 h' ELSE interval '-1 h' END) RETURNING id`,
    [userId, dropId, status],
  );
  const { id: reservationId } = only(rows);
  if (status !== 'active' && status !== 'overdue') {
    await move(dropId, 'reserved_stock', status === 'completed' ? 'sold_stock' : 'available_stock');
    await db.query('UPDATE reservations SET status = $2 WHERE id = $1', [reservationId, status]);
  }
  if (status === 'completed') {
    await db.query('INSERT INTO purchases (user_id, drop_id, reservation_id, price) VALUES ($1, $2, $3, $4)', [
      userId, dropId, reservationId, dropPrice,
    ]); // prettier-ignore
  }
  holds.push({ userId, dropId, dropPrice, reservationId, status });
}

beforeAll(async () => {
  db = await createTestDatabase({ migrated: false });
  await migrateUntil(db, PRICES_MIGRATION);
  for (const price of PRICES) {
    const { rows } = await db.query<{ id: string }>(
      `INSERT INTO drops (name, price, total_stock) VALUES ('Sneaker', $1, 10) RETURNING id`,
      [price],
    );
    for (const status of STATUSES) await insertHeld(only(rows).id, price, status);
  }
});
afterAll(() => db.drop());

it('an upgrade gives active holds the price of their drop, ended ones none, and changes nothing else', async () => {
  const before = await contents();
  const { applied } = await applyMigrations({ connectionString: db.url, logger: recordingLogger().logger });
  expect(applied).toContain(PRICES_MIGRATION);
  expect(await contents()).toEqual(before);

  const { rows } = await db.query<{ id: string; price: string | null }>('SELECT id, price FROM reservations');
  const prices = new Map(rows.map(({ id, price }) => [id, price]));
  for (const { reservationId, status, dropPrice } of holds) {
    const isActive = status === 'active' || status === 'overdue';
    expect([status, prices.get(reservationId)]).toEqual([status, isActive ? dropPrice : null]);
  }
});

it('after the upgrade, holds are purchased at their price, and their row is guarded as before', async () => {
  const app = await startTestApp({ database: db });
  try {
    for (const { userId, dropId, dropPrice, reservationId } of holds.filter(({ status }) => status === 'active')) {
      await editDrop(app, dropId, 'price = 3.33');
      const user = { id: userId, token: app.context.tokens.sign({ id: userId, role: 'user' }) } as TestUser;
      expect(dataOf(await as(user, app.http.get('/api/reservations')))).toMatchObject([{ price: dropPrice }]);
      const { body } = await app.purchase(user, reservationId).expect(201);
      expect(body.data).toMatchObject({ price: dropPrice });
    }
    while ((await app.context.worker.runOnce()).swept > 0);
    for (const { userId, reservationId, status } of holds.filter(({ status: each }) => each === 'released')) {
      const { rows } = await db.query<{ id: string; email: string }>('SELECT id, email FROM users WHERE id = $1', [
        userId,
      ]);
      recordAccount(only(rows));
      const user = { id: userId, token: app.context.tokens.sign({ id: userId, role: 'user' }) } as TestUser;
      const { reservations } = dataOf<{ reservations: object[] }>(await as(user, app.http.get('/api/users/me/export')));
      expect(reservations).toMatchObject([{ id: reservationId, status, price: null }]);
    }
    // The migration disabled this trigger while it wrote the prices.
    await expect(db.query(`UPDATE reservations SET status = 'active' WHERE status = 'released'`)).rejects.toThrow(
      /for good/,
    );
    expect(await app.mismatches()).toEqual([]);
  } finally {
    await app.close();
  }
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { applyMigrations } from '../../../src/lib/db/migrations/migrate.js';
import { verifyStock } from '../../../src/inventory/verify.js';
import { startTestApp } from '../../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { migrateUntil, recordingLogger } from './migrations.js';
import { insertDrop, insertUser, only } from './rows.js';

const STATS_MIGRATION = '20261201010500_keep_stats_of_drops';

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase({ migrated: false });
  await migrateUntil(db, STATS_MIGRATION);
});
afterAll(() => db.drop());

const STATUSES = ['active', 'completed', 'completed', 'expired', 'released', 'released'] as const;

/** Makes one reservation of each of STATUSES, three of them in one movement, as the version before the migration did. */
async function createHistory(dropId: string): Promise<void> {
  for (const units of [3, 1, 1, 1]) {
    await db.query(
      'UPDATE drops SET available_stock = available_stock - $2, reserved_stock = reserved_stock + $2 WHERE id = $1',
      [dropId, units],
    );
  }
  for (const status of STATUSES) {
    const { rows } = await db.query<{ id: string }>(
      'INSERT INTO reservations (user_id, drop_id) VALUES ($1, $2) RETURNING id',
      [await insertUser(db), dropId],
    );
    const { id } = only(rows);
    if (status === 'active') continue;
    await db.query('UPDATE reservations SET status = $2 WHERE id = $1', [id, status]);
    const column = status === 'completed' ? 'sold_stock' : 'available_stock';
    const expired = status === 'expired' ? '1' : '';
    await db.query(
      `UPDATE drops SET reserved_stock = reserved_stock - 1, ${column} = ${column} + 1
       FROM (SELECT set_config('drop_inventory.expired', $2, true)) AS setting WHERE id = $1`,
      [dropId, expired],
    );
    if (status !== 'completed') continue;
    await db.query(
      `INSERT INTO purchases (user_id, drop_id, reservation_id, price)
       SELECT user_id, drop_id, id, price FROM reservations WHERE id = $1`,
      [id],
    );
  }
}

it('an upgrade sums up the drops that exist, those without causes in their ledger as well', async () => {
  const [untouched, sold, old] = await Promise.all([insertDrop(db, 10), insertDrop(db, 10), insertDrop(db, 10)]);
  await createHistory(sold);
  await createHistory(old);
  await db.query('ALTER TABLE stock_movements DISABLE TRIGGER USER');
  await db.query(
    'UPDATE stock_movements SET cause = NULL, expired_units = NULL, released_units = NULL WHERE drop_id = $1',
    [old],
  );
  await db.query("UPDATE stock_movements SET created_at = '2026-01-01T12:00:00Z' WHERE drop_id = $1 AND version = 3", [
    sold,
  ]);
  await db.query(
    `UPDATE stock_movements SET created_at = '2026-01-01T13:00:00Z'::timestamptz + version * interval '1 s'
     WHERE drop_id = ANY($1) AND version <> 3`,
    [[sold, old]],
  );
  await db.query('ALTER TABLE stock_movements ENABLE TRIGGER USER');
  const { applied } = await applyMigrations({ connectionString: db.url, logger: recordingLogger().logger });
  expect(applied).toContain(STATS_MIGRATION);

  const { rows } = await db.query<{ id: string }>(
    `SELECT drop_id AS id, expired_holds AS expired, released_holds AS released, peak_per_second AS peak, revenue
     FROM drop_stats`,
  );
  const stats = new Map(rows.map(({ id, ...sums }) => [id, sums]));
  const sums = { expired: 1, released: 2, peak: 3, revenue: '350.00' };
  expect(Object.fromEntries(stats)).toEqual({
    [untouched]: { expired: 0, released: 0, peak: 0, revenue: '0.00' },
    [sold]: sums,
    [old]: sums,
  });
  const app = await startTestApp({ database: db });
  expect(await verifyStock(app.context.db)).toEqual([]);
  await app.close();
});

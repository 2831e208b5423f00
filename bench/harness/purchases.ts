import type { BenchDatabase } from './database.js';

/** Of each drop, beside what was purchased. */
const FREE_STOCK = 100_000;

/**
 * Makes `drops` drops with `purchases` purchases by the crowd, spread evenly over drops, users and the last month. In
 * bulk, and consistent: every purchase has its completed reservation, and drops and ledger agree with them.
 */
export async function fillWithPurchases(database: BenchDatabase, drops: number, purchases: number): Promise<void> {
  const each = Math.floor(purchases / drops);
  await database.query(
    `INSERT INTO drops (name, price, total_stock, drop_starts_at, created_at)
     SELECT 'Drop ' || i, 10 + i, $2, clock_timestamp() - interval '31 days', clock_timestamp() - i * interval '1 minute'
     FROM generate_series(1, $1) AS i`,
    [drops, each + FREE_STOCK],
  );
  await database.query('UPDATE drops SET available_stock = available_stock - $1, sold_stock = $1', [each]);
  // Row triggers and foreign keys would take minutes for what is true as it is made.
  await database.query('SET session_replication_role = replica');
  await database.query(
    `WITH people AS (SELECT id, row_number() OVER () - 1 AS number FROM users),
          things AS (SELECT id, row_number() OVER () - 1 AS number FROM drops)
     INSERT INTO reservations (user_id, drop_id, status, expires_at, settled_at, created_at, updated_at)
     SELECT people.id, things.id, 'completed', t + interval '1 minute', t, t, t
     FROM generate_series(0, $1 - 1) AS i
     JOIN things ON things.number = i % $2
     JOIN people ON people.number = i % (SELECT count(*) FROM users)
     CROSS JOIN LATERAL (SELECT clock_timestamp() - interval '30 days' * (1 - i::float8 / $1) AS t) AS moment`,
    [each * drops, drops],
  );
  await database.query(
    `INSERT INTO purchases (user_id, drop_id, reservation_id, price, created_at, updated_at)
     SELECT r.user_id, r.drop_id, r.id, d.price, r.created_at, r.created_at
     FROM reservations r JOIN drops d ON d.id = r.drop_id`,
  );
  await database.query('RESET session_replication_role');
  await database.query('VACUUM (ANALYZE)');
  await database.query('CHECKPOINT');
}

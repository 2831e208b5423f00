import type { BenchDatabase } from './database.js';

/** Holds to insert: each of another load user, evenly distributed over new drops that have no further units. */
export interface HoldsPlan {
  readonly drops: number;
  readonly holds: number;
  /** Time from now until the first hold expires; negative for holds that are overdue. */
  readonly firstExpiryInMs: number;
  /** Time from the first expiry to the last; expiries are evenly spread over it, on each drop. */
  readonly spreadMs: number;
}

/** Inserts holds in bulk, as if they had been reserved. Returns when the first expires, in ms since 1970. */
export async function insertHolds(
  query: BenchDatabase['query'],
  { drops, holds, firstExpiryInMs, spreadMs }: HoldsPlan,
): Promise<number> {
  await query(
    `INSERT INTO drops (name, price, total_stock, reserved_stock) SELECT 'Drop ' || i, 10, $2, $2
     FROM generate_series(1, $1) AS i`,
    [drops, holds / drops],
  );
  const [row] = await query<{ first: number }>(
    `WITH numbered_users AS (SELECT id, row_number() OVER () - 1 AS number FROM users LIMIT $2),
          numbered_drops AS (SELECT id, row_number() OVER () - 1 AS number FROM drops),
          began AS MATERIALIZED (SELECT clock_timestamp() AS t),
          held AS (
            -- Ids ascend with time, as the service's do; created_at is the length of a hold before expires_at.
            INSERT INTO reservations (id, user_id, drop_id, created_at, updated_at, expires_at)
            SELECT (lpad(to_hex(u.number), 8, '0') || '-0000-7000-8000-' || substr(md5(u.id::text), 1, 12))::uuid,
                   u.id, d.id, made, made, made + interval '1 minute'
            FROM numbered_users u JOIN numbered_drops d ON d.number = u.number % $1
            CROSS JOIN began
            CROSS JOIN LATERAL (SELECT t - interval '1 minute'
              + interval '1 ms' * ($3 + $4::float8 * u.number / $2) AS made) AS moment
            ORDER BY u.number
            RETURNING expires_at)
     SELECT extract(epoch FROM min(expires_at))::float8 * 1000 AS first FROM held`,
    [drops, holds, firstExpiryInMs, spreadMs],
  );
  if (!row) throw new Error('no hold was inserted');
  return row.first;
}

/** Available units of each drop, besides those purchased. */
const FREE_STOCK = 100_000;

/**
 * Inserts drops with purchases by the load users in bulk, evenly distributed over drops, users and the last month. The data
 * is consistent: every purchase has a completed reservation, and the drops' counters agree.
 */
export async function insertPurchases(database: BenchDatabase, drops: number, purchases: number): Promise<void> {
  const perDrop = Math.floor(purchases / drops);
  await database.query(
    `INSERT INTO drops (name, price, total_stock, drop_starts_at, created_at)
     SELECT 'Drop ' || i, 10 + i, $2, clock_timestamp() - interval '31 days', clock_timestamp() - i * interval '1 minute'
     FROM generate_series(1, $1) AS i`,
    [drops, perDrop + FREE_STOCK],
  );
  await database.query('UPDATE drops SET available_stock = available_stock - $1, sold_stock = $1', [perDrop]);
  // Without row triggers and foreign keys: checking data that is consistent by construction would take minutes.
  await database.query('SET session_replication_role = replica');
  await database.query(
    `WITH numbered_users AS (SELECT id, row_number() OVER () - 1 AS number FROM users),
          numbered_drops AS (SELECT id, row_number() OVER () - 1 AS number FROM drops)
     INSERT INTO reservations (user_id, drop_id, status, expires_at, settled_at, created_at, updated_at)
     SELECT u.id, d.id, 'completed', t + interval '1 minute', t, t, t
     FROM generate_series(0, $1 - 1) AS i
     JOIN numbered_drops d ON d.number = i % $2
     JOIN numbered_users u ON u.number = i % (SELECT count(*) FROM users)
     CROSS JOIN LATERAL (SELECT clock_timestamp() - interval '30 days' * (1 - i::float8 / $1) AS t) AS moment`,
    [perDrop * drops, drops],
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

/**
 * Inserts settled reservations of past drops in bulk, one of each of the first load users for each drop, and takes statistics:
 * the state of a quiet day before a new drop.
 */
export async function insertPastReservations(
  { query }: Pick<BenchDatabase, 'query'>,
  { users, drops }: { readonly users: number; readonly drops: number },
): Promise<void> {
  await query(
    `INSERT INTO drops (name, price, total_stock) SELECT 'Past drop ' || i, 10, 1000 FROM generate_series(1, $1::int) AS i`,
    [drops],
  );
  // Without row triggers and foreign keys: checking data that is consistent by construction would take minutes.
  await query('SET session_replication_role = replica');
  await query(
    `WITH numbered_users AS MATERIALIZED (SELECT id, row_number() OVER () - 1 AS number FROM users LIMIT $1),
          numbered_drops AS MATERIALIZED (SELECT id, row_number() OVER () - 1 AS number FROM drops)
     INSERT INTO reservations (id, user_id, drop_id, status, expires_at, settled_at, created_at, updated_at)
     -- Ids ascend with time, as the service's do.
     SELECT (lpad(to_hex(i), 8, '0') || '-0000-7000-8000-' || substr(md5(i::text), 1, 12))::uuid,
            u.id, d.id, 'expired', t, t, t - interval '1 minute', t
     FROM generate_series(0, $1::int * $2::int - 1) AS i
     JOIN numbered_users u ON u.number = i % $1
     JOIN numbered_drops d ON d.number = i / $1
     CROSS JOIN LATERAL (SELECT clock_timestamp() - interval '30 days' * (1 - i::float8 / ($1 * $2)) AS t) AS moment`,
    [users, drops],
  );
  // Holds that expired before causes were recorded: the ledger does not say how many they were.
  await query('UPDATE stock_movements SET cause = NULL, expired_units = NULL, released_units = NULL');
  await query('RESET session_replication_role');
  await query('VACUUM (ANALYZE)');
  await query('CHECKPOINT');
}

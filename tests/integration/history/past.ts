import type pg from 'pg';

/** How much has happened before the rush. Each user has {@link RESERVATIONS_PER_USER} settled reservations. */
const USERS = 1_000;
const DROPS = 2_000;
export const RESERVATIONS_PER_USER = 100;
export const PURCHASES_PER_USER = 50;
/** Of the hot drop, by users who do not take part in the rush. */
const EARLIER_PURCHASES = 3_000;
/** Of the hot drop, by each user of the past. */
const UNPAID_PER_USER = 30;
/** Of the hot drop, by users who do not take part in the rush. They arise after the statistics were taken. */
export const ACTIVE_HOLDS = 5_000;
export const OVERDUE_HOLDS = 400;
export const HOT_DROP = '00000000-0000-4000-8000-000000000001';

/** The id of a user with past reservations and purchases; the index is less than {@link USERS}. */
export function pastUser(index: number): string {
  return `00000000-0000-4000-9000-${String(index).padStart(12, '0')}`;
}

/** Without triggers, checks of references and automatic statistics: what is inserted is consistent where it is read. */
const QUIETLY = 'SET session_replication_role = replica';
const TABLES = ['users', 'drops', 'reservations', 'purchases', 'stock_movements'];

/** Fills a migrated database with users, drops, settled reservations, purchases and movements. No statistics are taken. */
export async function insertPast(client: pg.Client): Promise<void> {
  for (const table of TABLES) await client.query(`ALTER TABLE ${table} SET (autovacuum_enabled = false)`);
  await client.query(QUIETLY);
  await client.query(
    `INSERT INTO users (id, username, email, password_hash)
     SELECT ('00000000-0000-4000-9000-' || lpad(n::text, 12, '0'))::uuid, 'past' || n, 'past' || n || '@example.com', 'none'
     FROM generate_series(0, $1::int - 1) n`,
    [USERS],
  );
  await client.query(
    `INSERT INTO drops (name, price, total_stock, available_stock, created_at, drop_starts_at, version)
     SELECT 'Past ' || n, 1, 1000, 1000, now() - n * interval '1 hour', now() - n * interval '1 hour', 100
     FROM generate_series(1, $1::int) n`,
    [DROPS],
  );
  await client.query(
    `WITH numbered AS (SELECT id, row_number() OVER () AS number FROM drops)
     INSERT INTO reservations (user_id, drop_id, status, settled_at, expires_at, created_at)
     SELECT u.id, d.id, (CASE WHEN n <= $2 THEN 'completed' ELSE 'expired' END)::reservation_status, t, t, t
     FROM users u CROSS JOIN generate_series(1, $1::int) n
     JOIN numbered d ON d.number = 1 + (n * 7 + right(u.id::text, 4)::int) % $3
     CROSS JOIN LATERAL (SELECT now() - n * interval '1 day' AS t) moment`,
    [RESERVATIONS_PER_USER, PURCHASES_PER_USER, DROPS],
  );
  await client.query(
    `INSERT INTO purchases (user_id, drop_id, reservation_id, price, created_at)
     SELECT user_id, drop_id, id, 1, settled_at FROM reservations WHERE status = 'completed'`,
  );
  await client.query(
    `INSERT INTO stock_movements (drop_id, version, delta_available, delta_reserved, delta_sold,
                                  available_stock, reserved_stock, sold_stock, created_at)
     SELECT id, n, 0, 0, 0, 1000, 0, 0, now() - n * interval '1 day' FROM drops, generate_series(1, 50) n`,
  );
}

/** Adds the hot drop with its purchases and unpaid holds so far. */
export async function insertHotDrop(client: pg.Client): Promise<void> {
  await client.query(QUIETLY);
  await client.query(
    `INSERT INTO drops (id, name, price, total_stock, available_stock, sold_stock, limit_per_user)
     VALUES ($1, 'Hot', 1, 100000, 100000 - $2, $2, 3)`,
    [HOT_DROP, EARLIER_PURCHASES],
  );
  await client.query(
    `WITH earlier AS (
       INSERT INTO reservations (user_id, drop_id, status, settled_at)
       SELECT gen_random_uuid(), $1, 'completed', now() FROM generate_series(1, $2::int) RETURNING id, user_id, drop_id)
     INSERT INTO purchases (user_id, drop_id, reservation_id, price) SELECT user_id, drop_id, id, 1 FROM earlier`,
    [HOT_DROP, EARLIER_PURCHASES],
  );
  await client.query(
    `INSERT INTO reservations (user_id, drop_id, status, settled_at, expires_at)
     SELECT u.id, $1, 'expired', t, t FROM users u CROSS JOIN generate_series(1, $2::int) n
     CROSS JOIN LATERAL (SELECT now() - n * interval '1 day' AS t) moment`,
    [HOT_DROP, UNPAID_PER_USER],
  );
}

/** Adds active holds to the hot drop; some of them are overdue. */
export async function insertHolds(client: pg.Client): Promise<void> {
  await client.query(QUIETLY);
  await client.query(
    `INSERT INTO reservations (user_id, drop_id, price, expires_at)
     SELECT gen_random_uuid(), $1, 1, now() + CASE WHEN n <= $3 THEN interval '-1 minute' ELSE interval '10 minutes' END
     FROM generate_series(1, $2::int) n`,
    [HOT_DROP, ACTIVE_HOLDS, OVERDUE_HOLDS],
  );
  await client.query(
    'UPDATE drops SET available_stock = available_stock - $2, reserved_stock = reserved_stock + $2 WHERE id = $1',
    [HOT_DROP, ACTIVE_HOLDS],
  );
}

/** The statistics that PostgreSQL has during the rush, by what follows {@link insertPast}: older than some of the active holds. */
export const STATISTICS: readonly { readonly name: string; readonly prepare: (client: pg.Client) => Promise<void> }[] =
  [
    {
      name: 'without statistics',
      async prepare(client) {
        await insertHotDrop(client);
        await insertHolds(client);
      },
    },
    {
      name: 'with statistics of settled rows and no active ones',
      async prepare(client) {
        await client.query('VACUUM (ANALYZE)');
        await insertHotDrop(client);
        await insertHolds(client);
      },
    },
    {
      name: 'with statistics of a rush',
      async prepare(client) {
        await insertHotDrop(client);
        await insertHolds(client);
        await client.query('VACUUM (ANALYZE)');
        await insertHolds(client);
      },
    },
  ];

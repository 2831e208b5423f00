import type { BenchDatabase } from './database.js';

/** Holds, made in bulk: each of another user of the crowd, spread evenly over new drops that have no unit more. */
export interface HoldsPlan {
  readonly drops: number;
  readonly holds: number;
  /** ms from now until the first of them ends; less than 0: it is over. */
  readonly endIn: number;
  /** ms from the first end to the last, evenly spread; of the holds of a drop too. */
  readonly spread: number;
}

/** Puts the holds into the database as if they had been reserved. Returns when the first ends, in ms since 1970. */
export async function fillWithHolds(
  query: BenchDatabase['query'],
  { drops, holds, endIn, spread }: HoldsPlan,
): Promise<number> {
  await query(
    `INSERT INTO drops (name, price, total_stock, reserved_stock) SELECT 'Drop ' || i, 10, $2, $2
     FROM generate_series(1, $1) AS i`,
    [drops, holds / drops],
  );
  const [row] = await query<{ first: number }>(
    `WITH people AS (SELECT id, row_number() OVER () - 1 AS number FROM users LIMIT $2),
          things AS (SELECT id, row_number() OVER () - 1 AS number FROM drops),
          began AS MATERIALIZED (SELECT clock_timestamp() AS t),
          held AS (
            -- Ids in order of time, as the service's are, and the times a hold lasts before their ends.
            INSERT INTO reservations (id, user_id, drop_id, created_at, updated_at, expires_at)
            SELECT (lpad(to_hex(people.number), 8, '0') || '-0000-7000-8000-' || substr(md5(people.id::text), 1, 12))::uuid,
                   people.id, things.id, made, made, made + interval '1 minute'
            FROM people JOIN things ON things.number = people.number % $1
            CROSS JOIN began
            CROSS JOIN LATERAL (SELECT t - interval '1 minute'
              + interval '1 ms' * ($3 + $4::float8 * people.number / $2) AS made) AS moment
            ORDER BY people.number
            RETURNING expires_at)
     SELECT extract(epoch FROM min(expires_at))::float8 * 1000 AS first FROM held`,
    [drops, holds, endIn, spread],
  );
  if (!row) throw new Error('no hold was made');
  return row.first;
}

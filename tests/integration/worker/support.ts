import type { TestApp } from '../../helpers/app.js';

/** Inserts a drop with overdue holds into the database and returns the drop's id. */
export async function dropWithOverdueHolds(app: TestApp, holds: number): Promise<string> {
  const [dropId, owners] = await Promise.all([app.createDrop({ total_stock: holds }), app.createUsers(holds)]);
  await app.database.query(
    `WITH held AS (
       INSERT INTO reservations (user_id, drop_id, expires_at)
       SELECT id, $1, clock_timestamp() - interval '1 s' FROM unnest($2::uuid[]) AS id)
     UPDATE drops SET available_stock = 0, reserved_stock = total_stock WHERE id = $1`,
    [dropId, owners.map(({ id }) => id)],
  );
  return dropId;
}

/** Returns the number of units that each stock movement of the drop reclaimed, oldest first. */
export async function releasesOf(app: TestApp, dropId: string): Promise<number[]> {
  const { rows } = await app.database.query<{ units: number }>(
    `SELECT delta_available AS units FROM stock_movements
     WHERE drop_id = $1 AND version > 1 AND delta_available > 0 AND delta_reserved < 0 ORDER BY version`,
    [dropId],
  );
  return rows.map(({ units }) => units);
}

/** Counts reservations of one drop or of all drops by status: `{ expired: 3 }`. */
export async function holdsOf(app: TestApp, dropId?: string): Promise<Record<string, number>> {
  const { rows } = await app.database.query<{ status: string; count: number }>(
    `SELECT status::text, count(*)::int FROM reservations WHERE $1::uuid IS NULL OR drop_id = $1 GROUP BY status`,
    [dropId ?? null],
  );
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}

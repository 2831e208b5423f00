import type pg from 'pg';
import { DEMO_DROPS } from './demo-data.js';
import type { Tally } from './seed-summary.js';

type Drop = (typeof DEMO_DROPS)[number];

/** Adds the demo drops that are missing, full. Tells under which id each one is found: its own unless it was deleted once. */
export async function addDrops(client: pg.ClientBase): Promise<Tally & { dropIds: Map<string, string> }> {
  const tally = { added: 0, present: 0 };
  const dropIds = new Map<string, string>();
  for (const drop of DEMO_DROPS) {
    const { id, present } = await chooseId(client, drop.id);
    tally[!present && (await insertDrop(client, id, drop)) ? 'added' : 'present'] += 1;
    dropIds.set(drop.id, id);
  }
  return { ...tally, dropIds };
}

/**
 * The id under which a drop is there, or else the first that it can have. The ledger outlives a deleted drop and takes
 * no second history for an id: the drop that is put in after it needs another.
 */
async function chooseId(client: pg.ClientBase, firstId: string): Promise<{ id: string; present: boolean }> {
  for (let generation = 0; ; generation += 1) {
    const id = firstId.replace('-0000-', `-${generation.toString(16).padStart(4, '0')}-`);
    const { rows } = await client.query<{ present: boolean; used: boolean }>(
      `SELECT EXISTS (SELECT FROM drops WHERE id = $1) AS present,
              EXISTS (SELECT FROM stock_movements WHERE drop_id = $1) AS used`,
      [id],
    );
    const present = rows[0]?.present === true;
    if (present || !rows[0]?.used) return { id, present };
  }
}

/** False if somebody else added it at the same moment. */
async function insertDrop(client: pg.ClientBase, id: string, drop: Drop): Promise<boolean> {
  const { rowCount } = await client.query(
    `INSERT INTO drops (id, name, price, total_stock, image_url, limit_per_user, created_at, updated_at,
                        drop_starts_at, drop_ends_at, paused_at, cancelled_at)
     VALUES ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 min', now() + $7 * interval '1 min',
             now() + $8 * interval '1 min', now() + $9 * interval '1 min',
             now() + $10 * interval '1 min', now() + $11 * interval '1 min')
     ON CONFLICT (id) DO NOTHING`,
    [
      id,
      drop.name,
      drop.price,
      drop.totalStock,
      drop.imageUrl,
      drop.limitPerUser,
      drop.createdAt,
      drop.startsAt ?? drop.createdAt,
      drop.endsAt,
      drop.pausedAt,
      drop.cancelledAt,
    ],
  );
  return rowCount === 1;
}

import type pg from 'pg';
import { DEMO_DROPS, type SeedCounts } from './demo-data.js';

type Drop = (typeof DEMO_DROPS)[number];

/** Adds the missing demo drops with all units free. Returns the id of each: its own, unless the drop was deleted before. */
export async function addDrops(client: pg.ClientBase): Promise<SeedCounts & { dropIds: Map<string, string> }> {
  const counts = { added: 0, present: 0 };
  const dropIds = new Map<string, string>();
  for (const drop of DEMO_DROPS) {
    const { id, present } = await chooseId(client, drop.id);
    counts[!present && (await insertDrop(client, id, drop)) ? 'added' : 'present'] += 1;
    dropIds.set(drop.id, id);
  }
  return { ...counts, dropIds };
}

/**
 * The id of an existing demo drop, or else the first free id. The ledger of a deleted drop stays and accepts no second history for
 * its id: a drop that is added again needs another id.
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

/** False if another process added the drop at the same moment. */
async function insertDrop(client: pg.ClientBase, id: string, drop: Drop): Promise<boolean> {
  const { rowCount } = await client.query(
    `INSERT INTO drops (id, name, price, total_stock, image_url, limit_per_user, created_at, updated_at,
                        drop_starts_at, drop_ends_at, paused_at, cancelled_at, currency, description)
     VALUES ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 min', now() + $7 * interval '1 min',
             now() + $8 * interval '1 min', now() + $9 * interval '1 min',
             now() + $10 * interval '1 min', now() + $11 * interval '1 min', $12, $13)
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
      drop.currency ?? 'USD',
      drop.description,
    ],
  );
  return rowCount === 1;
}

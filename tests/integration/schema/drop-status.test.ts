import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../../helpers/database.js';
import type { TestDatabase } from '../../helpers/database.js';
import { withClient } from '../../helpers/test-server.js';
import { insertDraft, insertDrop, only } from './rows.js';

/** Changes that make one condition true each. A drop that meets no condition is live. */
const conditions = {
  draft: 'published_at = NULL',
  cancelled: 'cancelled_at = clock_timestamp()',
  ended:
    "drop_starts_at = clock_timestamp() - '2 hours'::interval, drop_ends_at = clock_timestamp() - '1 second'::interval",
  paused: 'paused_at = clock_timestamp()',
  scheduled: "drop_starts_at = clock_timestamp() + '1 hour'::interval",
  sold_out: 'sold_stock = total_stock, available_stock = 0',
};
type Condition = keyof typeof conditions;

/** The first condition that is true decides the status. */
const precedence: Condition[] = ['draft', 'cancelled', 'ended', 'paused', 'scheduled', 'sold_out'];

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

describe('drop_status', () => {
  // A drop ends after its start, and a draft is neither cancelled nor paused, and not sold.
  const combinations = subsets(precedence).filter(
    (set) =>
      !(set.includes('ended') && set.includes('scheduled')) &&
      !(set[0] === 'draft' && set.some((each) => each === 'cancelled' || each === 'paused' || each === 'sold_out')),
  );

  it.each(
    combinations.map((set) => ({ set, status: set[0] ?? 'live', name: set.join(' and ') || 'in no special state' })),
  )('is $status for a drop that is $name', async ({ set, status }) => {
    const id = set[0] === 'draft' ? await insertDraft(db, 3) : await insertDrop(db, 3);
    for (const condition of set) await db.query(`UPDATE drops SET ${conditions[condition]} WHERE id = $1`, [id]);
    expect(await statusOf(id)).toBe(status);
  });

  it('is sold_out for a drop whose last units are held and for a drop with a total of 0', async () => {
    const held = await insertDrop(db, 2);
    await db.query('UPDATE drops SET available_stock = 0, reserved_stock = 2 WHERE id = $1', [held]);
    expect(await statusOf(held)).toBe('sold_out');
    expect(await statusOf(await insertDrop(db, 0))).toBe('sold_out');
  });

  it('follows the clock within a transaction, in which now() does not change', async () => {
    const id = await insertDrop(db);
    await withClient(db.url, async (client) => {
      await client.query('BEGIN');
      await client.query('SELECT pg_sleep(0.05)');
      await client.query(
        `UPDATE drops SET drop_starts_at = now() - '1 hour'::interval, drop_ends_at = clock_timestamp() - '10 ms'::interval
          WHERE id = $1`,
        [id],
      );
      const { rows } = await client.query(
        'SELECT drop_status(d) AS status, drop_ends_at > now() AS later FROM drops d WHERE id = $1',
        [id],
      );
      expect(rows).toEqual([{ status: 'ended', later: true }]);
      await client.query('ROLLBACK');
    });
  });
});

function subsets(of: Condition[]): Condition[][] {
  return of.reduceRight<Condition[][]>((sets, condition) => sets.flatMap((set) => [set, [condition, ...set]]), [[]]);
}

async function statusOf(id: string): Promise<string> {
  const { rows } = await db.query<{ status: string }>('SELECT drop_status(d) AS status FROM drops d WHERE id = $1', [
    id,
  ]);
  return only(rows).status;
}

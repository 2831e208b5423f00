import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/lib/db/database.js';
import { createRefusalCounts } from '../../../src/modules/drop-stats/refusal-counts.js';
import { addRefusals, type RefusalCount } from '../../../src/modules/drop-stats/refusals.queries.js';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import type { TestDatabase } from '../../helpers/database.js';
import { until } from '../../helpers/locks.js';
import { withoutProtection } from '../../helpers/without-protection.js';
import { startFragileApp, type FragileApp } from './support.js';

/** The counts of a drop in both tables, by code. */
async function countsOf(database: TestDatabase, dropId: string) {
  const read = async (table: string) => {
    const { rows } = await database.query<{ code: string; refusals: number }>(
      `SELECT code, sum(refusals)::int AS refusals FROM ${table} WHERE drop_id = $1 GROUP BY code`,
      [dropId],
    );
    return Object.fromEntries(rows.map(({ code, refusals }) => [code, refusals]));
  };
  return { total: await read('drop_refusals'), byMinute: await read('drop_refusals_by_minute') };
}

const both = (counts: Record<string, number>) => ({ total: counts, byMinute: counts });

describe('counts of refusals that cannot be written', () => {
  let app: FragileApp;

  beforeAll(async () => {
    app = await startFragileApp();
  });
  afterAll(() => app.close());

  /** The counts of a process, and what became of their transactions. */
  function openCounts() {
    const writes = { started: 0, failed: 0 };
    const { db, logger, failures } = app.context;
    const $transaction = async (...args: Parameters<Database['$transaction']>) => {
      writes.started += 1;
      try {
        return await (db.$transaction as (...args: unknown[]) => Promise<unknown>)(...args);
      } catch (error) {
        writes.failed += 1;
        throw error;
      }
    };
    const observed = { $transaction, $executeRaw: db.$executeRaw.bind(db) } as unknown as Database;
    return { writes, counts: createRefusalCounts({ db: observed, logger, failures }) };
  }

  it('are written, with later ones, when the database is back', async () => {
    const dropId = await app.createDrop();
    const { writes, counts } = openCounts();
    counts.count(dropId, 'sold-out');
    await app.proxy.cut();
    counts.start();
    counts.count(dropId, 'sold-out');
    counts.count(dropId, 'drop-paused');
    const triesOfATransaction = 4;
    await until('a write to fail', () => writes.failed > triesOfATransaction);
    counts.count(dropId, 'sold-out');
    await app.proxy.restore();
    await until('a write', async () => (await countsOf(app.database, dropId)).total['sold-out'] !== undefined);
    await counts.stop();
    expect(await countsOf(app.database, dropId)).toEqual(both({ 'sold-out': 3, 'drop-paused': 1 }));
    await app.recovered();
  });

  it('are not written a second time if the answer to their COMMIT is lost', async () => {
    const dropId = await app.createDrop();
    const { writes, counts } = openCounts();
    for (let n = 0; n < 3; n += 1) counts.count(dropId, 'sold-out');
    app.proxy.loseResponseTo('COMMIT');
    counts.start();
    await until('a lost answer', () => writes.failed === 1);
    counts.count(dropId, 'sold-out');
    await counts.stop();
    expect(await countsOf(app.database, dropId)).toEqual(both({ 'sold-out': 4 }));
    expect(writes.failed).toBe(1);
    await app.recovered();
  });

  it('are lost at a shutdown only, which does not fail', async () => {
    const dropId = await app.createDrop();
    const { writes, counts } = openCounts();
    counts.count(dropId, 'sold-out');
    await app.proxy.cut();
    await counts.stop();
    expect(writes.failed).toBeGreaterThan(0);
    await app.proxy.restore();
    await app.recovered();
    expect(await countsOf(app.database, dropId)).toEqual(both({}));
  });

  it('are written a thousand at a time', async () => {
    const { rows } = await app.database.query<{ id: string }>(
      `INSERT INTO drops (name, price, total_stock) SELECT 'Many', 1, 1 FROM generate_series(1, 2001) RETURNING id`,
    );
    const { writes, counts } = openCounts();
    for (const { id } of rows) counts.count(id, 'sold-out');
    await counts.stop();
    expect(writes).toEqual({ started: 3, failed: 0 });
    const { rows: written } = await app.database.query<{ refusals: number }>(
      'SELECT sum(refusals)::int AS refusals FROM drop_refusals WHERE drop_id = ANY($1)',
      [rows.map(({ id }) => id)],
    );
    expect(written).toEqual([{ refusals: 2_001 }]);
  });

  it('are left out for a drop that was deleted, and the others are written', async () => {
    const [dropId, deletedId] = await Promise.all([app.createDrop(), app.createDrop()]);
    const { writes, counts } = openCounts();
    for (const id of [deletedId, dropId]) counts.count(id, 'sold-out');
    await app.database.query('DELETE FROM drops WHERE id = $1', [deletedId]);
    await counts.stop();
    expect(writes.failed).toBe(0);
    expect(await countsOf(app.database, dropId)).toEqual(both({ 'sold-out': 1 }));
    expect(await countsOf(app.database, deletedId)).toEqual(both({}));
  });

  it('do not wait for a transaction that holds the lock of the drop, nor it for them', async () => {
    const dropId = await app.createDrop();
    const { counts } = openCounts();
    await app.context.db.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT id FROM drops WHERE id = ${dropId}::uuid FOR UPDATE`;
      counts.count(dropId, 'sold-out');
      await counts.stop();
      expect(await countsOf(app.database, dropId)).toEqual(both({ 'sold-out': 1 }));
    });
  });
});

describe('counts that several processes add at once', () => {
  const DROPS = 20;
  const ROUNDS = 5;
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp();
    // A delay for each row makes the two statements overlap.
    await app.database.query(`
      CREATE FUNCTION take_a_moment() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.005); RETURN NEW; END $$;
      CREATE TRIGGER slow BEFORE INSERT ON drop_refusals FOR EACH ROW EXECUTE FUNCTION take_a_moment();
      CREATE TRIGGER slow BEFORE INSERT ON drop_refusals_by_minute FOR EACH ROW EXECUTE FUNCTION take_a_moment()`);
  });
  afterAll(() => app.close());

  /** Writes the counts of the same drops in two orders at the same time, and returns the errors. */
  async function addInTwoOrders({ db }: TestApp['context'], dropIds: readonly string[]): Promise<unknown[]> {
    const counts = dropIds.map((dropId): RefusalCount => ({ dropId, code: 'sold-out', refusals: 2 }));
    const results = await Promise.allSettled(
      [counts, [...counts].reverse()].map((ordered) => db.$transaction((tx) => addRefusals(tx, ordered))),
    );
    return results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  }

  const createDrops = () => Promise.all(Array.from({ length: DROPS }, () => app.createDrop()));

  it('add up, without deadlocks', async () => {
    const dropIds = await createDrops();
    for (let round = 0; round < ROUNDS; round += 1) expect(await addInTwoOrders(app.context, dropIds)).toEqual([]);
    for (const id of dropIds) expect(await countsOf(app.database, id)).toEqual(both({ 'sold-out': ROUNDS * 4 }));
  });

  it('deadlock without the order of their rows', async () => {
    const dropIds = await createDrops();
    const PgClient = withoutProtection(/ORDER BY c\.drop_id, c\.code/, '');
    const unordered = await startTestApp({ database: app.database, PgClient });
    let errors: unknown[] = [];
    await until('a deadlock', async () => {
      errors = await addInTwoOrders(unordered.context, dropIds);
      return errors.length > 0;
    });
    expect(String(errors[0])).toMatch(/deadlock|40P01/i);
    PgClient.assertUsed();
    await unordered.close();
  });

  it('do not add up if a statement replaces the count that it finds', async () => {
    const dropIds = await createDrops();
    const PgClient = withoutProtection('total.refusals + excluded.refusals', 'excluded.refusals');
    const replacing = await startTestApp({ database: app.database, PgClient });
    await addInTwoOrders(replacing.context, dropIds);
    const [dropId = ''] = dropIds;
    expect(await countsOf(app.database, dropId)).toEqual({ total: { 'sold-out': 2 }, byMinute: { 'sold-out': 4 } });
    PgClient.assertUsed();
    await replacing.close();
  });
});

it('minutes older than 90 days are deleted, and the totals stay', async () => {
  const app = await startTestApp();
  const [dropId, user] = await Promise.all([app.createDrop({ paused_at: new Date() }), app.createUser()]);
  await app.database.query(
    `WITH total AS (INSERT INTO drop_refusals VALUES ($1, 'sold-out', 7))
     INSERT INTO drop_refusals_by_minute
     VALUES ($1, now() - interval '91 days', 'sold-out', 4), ($1, now() - interval '89 days', 'sold-out', 3)`,
    [dropId],
  );
  // The first write of a process is followed by a deletion.
  await app.reserve(user, dropId).expect(409);
  await until('a deletion', async () => (await countsOf(app.database, dropId)).byMinute['sold-out'] === 3);
  await app.context.refusalCounts.stop();
  expect(await countsOf(app.database, dropId)).toEqual({
    total: { 'sold-out': 7, 'drop-paused': 1 },
    byMinute: { 'sold-out': 3, 'drop-paused': 1 },
  });
  await app.close();
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { recordedStatements } from '../../helpers/statements.js';
import {
  editDrop,
  expectInvalid,
  expectMembers,
  expectProblem,
  expectSuccess,
  ISO_UTC,
  UNKNOWN_ID,
} from './support.js';

interface Movement {
  readonly version: number;
  readonly availableStock: number;
  readonly reservedStock: number;
  readonly soldStock: number;
  readonly createdAt: string;
}

const PgClient = recordedStatements();
let app: TestApp;

beforeAll(async () => {
  app = await startTestApp({ PgClient });
});
afterAll(() => app.close());

async function movements(dropId: string, query = '') {
  const { data, meta } = expectSuccess(await app.http.get(`/api/drops/${dropId}/movements${query}`), 200);
  return { all: data as Movement[], versions: (data as Movement[]).map(({ version }) => version), meta };
}

/** Reads all stock movements of a drop from the database. */
async function ledger(dropId: string): Promise<Movement[]> {
  const { rows } = await app.database.query<Movement>(
    `SELECT version, available_stock AS "availableStock", reserved_stock AS "reservedStock", sold_stock AS "soldStock",
            to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "createdAt"
     FROM stock_movements WHERE drop_id = $1 ORDER BY version`,
    [dropId],
  );
  return rows;
}

/** Sells units of a drop until it has this version. */
async function sellUpToVersion(dropId: string, version: number): Promise<void> {
  await app.database.query(
    `DO $$ BEGIN FOR n IN 2..${version} LOOP
       UPDATE drops SET available_stock = available_stock - 1, sold_stock = sold_stock + 1 WHERE id = '${dropId}';
     END LOOP; END $$`,
  );
}

describe('the movements of a drop', () => {
  it('start with its creation and end with its current stock', async () => {
    const dropId = await app.createDrop({ total_stock: 3 });
    const user = await app.createUser();
    const { body } = await app.reserve(user, dropId).expect(201);
    await app.purchase(user, body.data.reservation.id).expect(201);

    const { all, meta } = await movements(dropId);
    expect(all.map(({ createdAt: _, ...counts }) => counts)).toEqual([
      { version: 1, availableStock: 3, reservedStock: 0, soldStock: 0 },
      { version: 2, availableStock: 2, reservedStock: 1, soldStock: 0 },
      { version: 3, availableStock: 2, reservedStock: 0, soldStock: 1 },
    ]);
    expect(all).toEqual(await ledger(dropId));
    expect(meta).toEqual({ totalItems: 3 });
    for (const movement of all) {
      expectMembers(movement, ['version', 'availableStock', 'reservedStock', 'soldStock', 'createdAt']);
      expect(movement.createdAt).toMatch(ISO_UTC);
    }
  });

  it('exclude other drops and include edits by SQL', async () => {
    const [dropId, other] = [await app.createDrop({ total_stock: 5 }), await app.createDrop()];
    await editDrop(app, dropId, 'total_stock = 8');
    await editDrop(app, other, 'total_stock = 20');
    expect((await movements(dropId)).all).toMatchObject([{ availableStock: 5 }, { version: 2, availableStock: 8 }]);
  });
});

describe('of a thousand movements,', () => {
  const VERSIONS = 1000;
  let dropId: string;
  beforeAll(async () => {
    dropId = await app.createDrop({ total_stock: VERSIONS });
    await sellUpToVersion(dropId, VERSIONS);
  });

  it.each([1, 2, 3, 7, 100, 999, 1000])('%i are returned, evenly spaced, including the newest', async (limit) => {
    const { all, versions, meta } = await movements(dropId, `?limit=${limit}`);
    expect(meta).toEqual({ totalItems: VERSIONS });
    expect(versions).toHaveLength(limit);
    expect(versions.at(-1)).toBe(VERSIONS);
    if (limit > 1) expect(versions[0]).toBe(1);
    const steps = versions.slice(1).map((version, index) => version - (versions[index] ?? 0));
    if (steps.length > 0) expect(Math.max(...steps) - Math.min(...steps)).toBeLessThanOrEqual(1);
    const fullLedger = await ledger(dropId);
    expect(all).toEqual(versions.map((version) => fullLedger[version - 1]));
  });

  it('two hundred are returned by default, and a thousand at most', async () => {
    expect((await movements(dropId)).all).toHaveLength(200);
    for (const limit of ['0', '1001', '-1', 'all', ''])
      expectInvalid(await app.http.get(`/api/drops/${dropId}/movements?limit=${limit}`), 'query.limit');
  });

  it('only the returned ones are read, by the primary key', async () => {
    await app.database.query('ANALYZE stock_movements');
    const since = (await ledger(dropId))[700]?.createdAt;
    PgClient.take();
    await movements(dropId, `?limit=10&since=${since}`);
    const [statement] = PgClient.take();
    const { rows } = await app.database.query<{ 'QUERY PLAN': string }>(`EXPLAIN (ANALYZE) ${statement?.text}`, [
      ...(statement?.values ?? []),
    ]);
    const reads = rows.map((row) => row['QUERY PLAN']).filter((line) => line.includes(' on stock_movements'));
    expect(reads.length).toBeGreaterThan(2);
    const read = reads.map((line) => {
      expect(line).toContain('stock_movements_pkey');
      const [, count, loops] = /actual .*rows=([\d.]+) loops=(\d+)/.exec(line) ?? [];
      return Number(count) * Number(loops);
    });
    // The first and the last, at most ten steps of the search by time, and the returned ones.
    expect(read.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(2 + 10 + 10);
  });
});

describe('the parameter since', () => {
  const VERSIONS = 9;
  const minutes = (count: number) => new Date(Date.UTC(2030, 0, 1, 0, count)).toISOString();
  let dropId: string;

  beforeAll(async () => {
    dropId = await app.createDrop({ total_stock: VERSIONS });
    await sellUpToVersion(dropId, VERSIONS);
    // Sets the time of each movement: versions 1 to 9 at 0:01 to 0:09. The ledger is append-only while the trigger is
    // on.
    await app.database.query(`
      ALTER TABLE stock_movements DISABLE TRIGGER stock_movements_append_only;
      UPDATE stock_movements SET created_at = timestamptz '2030-01-01T00:00:00Z' + version * interval '1 minute'
      WHERE drop_id = '${dropId}';
      ALTER TABLE stock_movements ENABLE TRIGGER stock_movements_append_only`);
  });

  it('returns the stock at that time and all later movements', async () => {
    for (let minute = 0; minute <= VERSIONS + 2; minute += 0.5) {
      const { versions, meta } = await movements(dropId, `?since=${minutes(minute)}`);
      const first = Math.min(Math.max(1, Math.floor(minute)), VERSIONS);
      expect([minute, ...versions]).toEqual([
        minute,
        ...Array.from({ length: VERSIONS - first + 1 }, (_, index) => first + index),
      ]);
      expect(meta.totalItems).toBe(VERSIONS - first + 1);
    }
  });

  it('can have an offset', async () => {
    const since = encodeURIComponent('2030-01-01T02:05:00+02:00');
    expect((await movements(dropId, `?since=${since}`)).versions[0]).toBe(5);
  });

  it('combines with a limit', async () => {
    const { versions, meta } = await movements(dropId, `?since=${minutes(5)}&limit=3`);
    expect([versions, meta.totalItems]).toEqual([[5, 7, 9], 5]);
  });

  it('rejects any other text', async () => {
    for (const since of ['', 'yesterday', '2030-01-01', '12', "2030' OR true --"]) {
      const query = `since=${encodeURIComponent(since)}`;
      expectInvalid(await app.http.get(`/api/drops/${dropId}/movements?${query}`), 'query.since');
    }
  });
});

it('the movements of a drop are read once for all requests in a second', async () => {
  const dropId = await app.createDrop({ total_stock: 3 });
  await sellUpToVersion(dropId, 3);
  PgClient.take();
  const startedAt = performance.now();
  for (let round = 0; round < 5; round += 1) {
    await Promise.all(['', '?limit=200', '?limit=0200'].map((query) => movements(dropId, query)));
  }
  expect(PgClient.take().length).toBeLessThanOrEqual(1 + Math.ceil((performance.now() - startedAt) / 1_000));
});

it('the movements of an unknown or deleted drop are 404', async () => {
  expectProblem(await app.http.get(`/api/drops/${UNKNOWN_ID}/movements`), 'drop-not-found');
  const dropId = await app.createDrop();
  await app.database.query('DELETE FROM drops WHERE id = $1', [dropId]);
  expect(await ledger(dropId)).toHaveLength(1);
  expectProblem(await app.http.get(`/api/drops/${dropId}/movements`), 'drop-not-found');
  expectInvalid(await app.http.get('/api/drops/none/movements'), 'params.id');
});

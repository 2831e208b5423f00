import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DropResponse } from '../../../src/modules/drops/drops.schema.js';
import type { TestUser } from '../../helpers/app.js';
import { listenTo, receivedAll, type Listener } from '../../helpers/sockets.js';
import { withoutProtection } from '../../helpers/without-protection.js';
import { loseCommit, startFragileApp, type FragileApp } from './support.js';

const UNITS = 10;

interface Change {
  readonly what: string;
  readonly delta: number;
  readonly key?: string;
  /** The drop has a hold whose time is over, and which the change reclaims. */
  readonly isOverdue?: boolean;
}

const CHANGES: readonly Change[] = [
  { what: 'without a key', delta: 5 },
  { what: 'with a key', delta: 5, key: 'with-a-key' },
  // A second run that did not find the first would be refused: no unit is left.
  { what: 'of all units without a key', delta: -UNITS },
  { what: 'of all units with a key', delta: -UNITS, key: 'of-all-units' },
  { what: 'with an overdue hold', delta: -UNITS, isOverdue: true },
];

/** A service whose COMMITs can be lost, an admin, and a socket that receives what it publishes. */
interface Setup {
  readonly app: FragileApp;
  readonly admin: TestUser;
  readonly listener: Listener;
}

async function start(...overrides: Parameters<typeof startFragileApp>): Promise<Setup> {
  const app = await startFragileApp(...overrides);
  return { app, admin: await app.createUser('admin'), listener: await listenTo(app) };
}

async function stop({ app, listener }: Setup): Promise<void> {
  listener.close();
  await app.close();
}

function change({ app, admin }: Setup, dropId: string, { delta, key }: Pick<Change, 'delta' | 'key'>) {
  const request = app.http.post(`/api/drops/${dropId}/stock`).auth(admin.token, { type: 'bearer' });
  return (key === undefined ? request : request.set('Idempotency-Key', key)).send({ delta, reason: 'Counted' });
}

/** Creates a drop and changes its stock with a COMMIT whose response is lost. */
async function changeWithLostCommit(setup: Setup, { isOverdue = false, ...request }: Change) {
  const { app, listener } = setup;
  const dropId = await app.createDrop({ total_stock: UNITS });
  if (isOverdue) {
    await app.reserve(await app.createUser(), dropId).expect(201);
    await app.expireHolds({ dropId });
  }
  await receivedAll(app, listener);
  const response = await loseCommit(
    app,
    () => change(setup, dropId, request),
    () => Promise.resolve(),
  );
  await app.recovered();
  await receivedAll(app, listener);
  const { rows } = await app.database.query<{ cause: string; added: number; actor: string | null }>(
    `SELECT cause::text, delta_available + delta_reserved + delta_sold AS added, actor_id AS actor
     FROM stock_movements WHERE drop_id = $1 AND cause IN ('adjust', 'expire') ORDER BY version`,
    [dropId],
  );
  return { dropId, response, rows };
}

describe('a change of stock whose COMMIT was lost', () => {
  let setup: Setup;
  beforeAll(async () => {
    setup = await start();
  });
  afterAll(() => stop(setup));

  it.for(CHANGES)('$what is made once, found again and published once', async (request) => {
    const { app, admin, listener } = setup;
    const { delta, key, isOverdue = false } = request;
    const { dropId, response, rows } = await changeWithLostCommit(setup, request);

    expect([response.status, response.body.code]).toEqual([200, undefined]);
    // The request itself made the change: it is no repetition.
    expect(response.headers['idempotency-replayed']).toBeUndefined();
    const { totalStock, version } = response.body.data as DropResponse;
    expect({ totalStock, version }).toEqual({ totalStock: UNITS + delta, version: isOverdue ? 4 : 2 });
    const expired = { cause: 'expire', added: 0, actor: null };
    expect(rows).toEqual([...(isOverdue ? [expired] : []), { cause: 'adjust', added: delta, actor: admin.id }]);

    const snapshots = listener.received('inventory_update').filter((update) => update.dropId === dropId);
    expect(snapshots.filter((update) => update.version === version)).toMatchObject([
      { totalStock, availableStock: totalStock },
    ]);
    const expirations = listener.received('reservation_update').filter((update) => update.dropId === dropId);
    expect(expirations).toHaveLength(isOverdue ? 1 : 0);

    if (key !== undefined) {
      const repeated = await change(setup, dropId, request).expect(200);
      expect(repeated.headers['idempotency-replayed']).toBe('true');
      expect(repeated.body.data).toMatchObject({ totalStock, version });
    }
    expect(await app.mismatches()).toEqual([]);
  });
});

describe('control: without a key in the ledger', () => {
  const PgClient = withoutProtection(
    /set_config\('drop_inventory\.key', (\$\d+), true\)/,
    `set_config('drop_inventory.key', left($1::text, 0), true)`,
  );
  let setup: Setup;
  beforeAll(async () => {
    setup = await start({ PgClient });
  });
  afterAll(() => stop(setup));

  it('the change is made twice', async () => {
    const { rows } = await changeWithLostCommit(setup, { what: 'without a key', delta: 5 });
    expect(rows).toMatchObject([{ added: 5 }, { added: 5 }]);
    PgClient.assertUsed();
  });

  it('the change is refused although it was made', async () => {
    const { response, rows } = await changeWithLostCommit(setup, { what: 'of all units', delta: -UNITS });
    expect(response.body.code).toBe('stock-in-use');
    expect(rows).toMatchObject([{ added: -UNITS }]);
  });
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { rowsRead, stepsOf } from '../../helpers/explain.js';
import { until } from '../../helpers/locks.js';
import { listenTo, type Listener } from '../../helpers/sockets.js';
import { recordedStatements, type Statement } from '../../helpers/statements.js';

const DROPS = 10_000;

const PgClient = recordedStatements();
let app: TestApp;
/** Without a socket, the poller sleeps for seconds. */
let listener: Listener;

beforeAll(async () => {
  app = await startTestApp({ PgClient, pollLedger: true });
  await app.database.query('ALTER TABLE drops SET (autovacuum_enabled = false)');
  listener = await listenTo(app);
});
afterAll(async () => {
  listener.close();
  await app.close();
});

/** The last statement of the ledger poller. */
async function poll(): Promise<Statement> {
  let found: Statement | undefined;
  PgClient.take();
  await until('a poll', () => (found = PgClient.take().findLast(({ text }) => text.includes('"dueIn"'))) !== undefined);
  if (!found) throw new Error('no poll was sent');
  return found;
}

/** Rows of drops and entries of their indexes that one poll reads. */
async function dropRowsRead(): Promise<number> {
  const steps = await stepsOf(app.database, await poll());
  const ofDrops = steps.filter((step) => step['Relation Name'] === 'drops');
  expect(ofDrops.map((step) => step['Node Type'])).not.toContain('Seq Scan');
  return rowsRead(ofDrops);
}

it('a poll reads few rows of 10 000 drops, with any statistics', async () => {
  // Without triggers: the ledger stays empty, and only the reads of drops are counted.
  const insert = `
    SET session_replication_role = replica;
    INSERT INTO drops (name, price, total_stock, available_stock, drop_starts_at, drop_ends_at)
    SELECT 'Drop ' || n, 1, 1, 1, now() + interval '1 day', now() + interval '2 days' FROM generate_series(1, ${DROPS}) n;
    RESET session_replication_role`;
  await app.database.query(insert);
  // Statistics of an empty table.
  expect(await dropRowsRead()).toBeLessThan(10);

  await app.database.query('ANALYZE drops');
  expect(await dropRowsRead()).toBeLessThan(10);

  // Statistics with every start and end a moment from now, before all of them were moved.
  const move = (starts: string, ends: string) => `
    SET session_replication_role = replica;
    UPDATE drops SET drop_starts_at = now() + interval '${starts}', drop_ends_at = now() + interval '${ends}';
    RESET session_replication_role`;
  await app.database.query(move('1 minute', '2 minutes'));
  await app.database.query('ANALYZE drops');
  await app.database.query(move('1 day', '2 days'));
  expect(await dropRowsRead()).toBeLessThan(10);
  await app.database.query(move('-2 days', '-1 day'));
  expect(await dropRowsRead()).toBeLessThan(10);
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { rowsRead, stepsOf, type Step } from '../../helpers/explain.js';
import { recordedStatements, type Statement } from '../../helpers/statements.js';
import { expectSuccess } from './support.js';

const DROPS = 5;
const PURCHASES_PER_DROP = 400;
const INDEX = 'purchases_drop_id_created_at_id_idx';

const PgClient = recordedStatements();
let app: TestApp;

beforeAll(async () => {
  app = await startTestApp({ PgClient });
  for (let number = 0; number < DROPS; number += 1) await app.createDrop();
  const { id: userId } = await app.createUser();
  // The counters of the drops do not change: only the reads of purchases matter here.
  await app.database.query(
    `WITH held AS (
       INSERT INTO reservations (user_id, drop_id, status, settled_at)
       SELECT $1, d.id, 'completed', clock_timestamp() FROM drops d, generate_series(1, $2::int)
       RETURNING id, drop_id)
     INSERT INTO purchases (user_id, drop_id, reservation_id, price, created_at)
     SELECT $1, drop_id, id, 1, clock_timestamp() - random() * interval '30 days' FROM held`,
    [userId, PURCHASES_PER_DROP],
  );
  await app.database.query('ANALYZE');
});
afterAll(() => app.close());

/** Returns the steps of the query plan of the list that read purchases. */
async function purchaseScans(): Promise<Step[]> {
  app.context.dropLists.clear();
  PgClient.take();
  expect(expectSuccess(await app.http.get('/api/drops'), 200).data).toHaveLength(DROPS);
  const statement = PgClient.take().find((sent) => sent.text.includes('purchases')) as Statement;
  const steps = await stepsOf(app.database, statement);
  return steps.filter((step) => step['Relation Name'] === 'purchases');
}

it('the list reads three entries of the index of purchases for each drop', async () => {
  const steps = await purchaseScans();
  expect(steps.map((step) => step['Index Name'])).toEqual([INDEX]);
  expect(rowsRead(steps)).toBe(3 * DROPS);
});

it('without that index, the list reads every purchase', async () => {
  await app.database.query(`DROP INDEX ${INDEX}`);
  expect(rowsRead(await purchaseScans())).toBeGreaterThanOrEqual(PURCHASES_PER_DROP * DROPS);
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { recordedStatements, type Statement } from '../../helpers/statements.js';
import { expectSuccess } from './support.js';

const DROPS = 5;
const PURCHASES_OF_EACH = 400;
const INDEX = 'purchases_drop_id_created_at_id_idx';

/** What EXPLAIN says of one step. */
interface Step {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly Step[];
}

const PgClient = recordedStatements();
let app: TestApp;

beforeAll(async () => {
  app = await startTestApp({ PgClient });
  for (let number = 0; number < DROPS; number += 1) await app.createDrop();
  const { id: userId } = await app.createUser();
  // The counters of the drops stay as they are: this is about purchases alone.
  await app.database.query(
    `WITH held AS (
       INSERT INTO reservations (user_id, drop_id, status, settled_at)
       SELECT $1, d.id, 'completed', clock_timestamp() FROM drops d, generate_series(1, $2::int)
       RETURNING id, drop_id)
     INSERT INTO purchases (user_id, drop_id, reservation_id, price, created_at)
     SELECT $1, drop_id, id, 1, clock_timestamp() - random() * interval '30 days' FROM held`,
    [userId, PURCHASES_OF_EACH],
  );
  await app.database.query('ANALYZE');
});
afterAll(() => app.close());

function stepsOf(step: Step): Step[] {
  return [step, ...(step.Plans ?? []).flatMap(stepsOf)];
}

/** The steps that read purchases when the list is asked for. */
async function readsOfPurchases(): Promise<Step[]> {
  app.context.dropLists.forget();
  PgClient.take();
  expect(expectSuccess(await app.http.get('/api/drops'), 200).data).toHaveLength(DROPS);
  const { text, values } = PgClient.take().find((sent) => sent.text.includes('purchases')) as Statement;
  const { rows } = await app.database.query<{ 'QUERY PLAN': [{ Plan: Step }] }>(
    `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
    [...(values ?? [])],
  );
  const [explained] = rows[0]?.['QUERY PLAN'] ?? [];
  if (!explained) throw new Error('EXPLAIN said nothing');
  return stepsOf(explained.Plan).filter((step) => step['Relation Name'] === 'purchases');
}

const entriesRead = (steps: readonly Step[]) =>
  steps.reduce((sum, step) => sum + step['Actual Rows'] * step['Actual Loops'], 0);

it('the list reads three entries of the index of purchases for each drop', async () => {
  const steps = await readsOfPurchases();
  expect(steps.map((step) => step['Index Name'])).toEqual([INDEX]);
  expect(entriesRead(steps)).toBe(3 * DROPS);
});

it('and every purchase, were there no such index', async () => {
  await app.database.query(`DROP INDEX ${INDEX}`);
  expect(entriesRead(await readsOfPurchases())).toBeGreaterThanOrEqual(PURCHASES_OF_EACH * DROPS);
});

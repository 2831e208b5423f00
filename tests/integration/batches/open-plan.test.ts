import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { rowsRead, stepsOf } from '../../helpers/explain.js';
import { recordedStatements, type Statement } from '../../helpers/statements.js';
import { servicesOf } from './support.js';

const HOLDS = 20_000;
const BATCH_SIZE = 50;

const PgClient = recordedStatements();
let app: TestApp;
let statement: Statement;

beforeAll(async () => {
  app = await startTestApp({ PgClient });
  const dropId = await app.createDrop({ total_stock: HOLDS + BATCH_SIZE });
  const buyers = await app.createUsers(BATCH_SIZE);
  // Many new holds that PostgreSQL has no statistics about.
  await app.database.query('ALTER TABLE reservations SET (autovacuum_enabled = false)');
  await app.database.query(
    `WITH holders AS (
       INSERT INTO users (username, email, password_hash)
       SELECT 'holder' || n, 'holder' || n || '@example.com', 'none' FROM generate_series(1, $2::int) n RETURNING id)
     INSERT INTO reservations (user_id, drop_id) SELECT id, $1 FROM holders`,
    [dropId, HOLDS],
  );
  const { reserve } = servicesOf(app);
  PgClient.take();
  await Promise.all(buyers.map((user) => reserve(user, dropId)));
  statement = PgClient.take().find(({ text }) => text.includes('WITH horizon')) as Statement;
});
afterAll(() => app.close());

/** Returns how many reservation rows the statement reads. No hold is overdue. */
async function holdsRead(statementToExplain: Statement): Promise<number> {
  const steps = await stepsOf(app.database, statementToExplain);
  return rowsRead(steps.filter((step) => (step['Index Name'] ?? step['Relation Name'])?.startsWith('reservations'))); // prettier-ignore
}

it('a batch reads only overdue holds and the holds of its own users', async () => {
  expect(await holdsRead(statement)).toBeLessThanOrEqual(2 * BATCH_SIZE);
});

it('a batch reads every active hold if the statement filters by status', async () => {
  const text = statement.text.replace("AND r.status::text = 'active'", "AND r.status = 'active'");
  expect(text).not.toBe(statement.text);
  expect(await holdsRead({ ...statement, text })).toBeGreaterThanOrEqual(HOLDS);
});

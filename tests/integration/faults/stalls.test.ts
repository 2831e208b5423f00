import { afterAll, beforeAll, expect, it } from 'vitest';
import { LONG_TIME_LIMITS, startTestApp, type TestApp } from '../../helpers/app.js';
import { metricOf } from '../../helpers/other-batches.js';
import { interceptStatements } from '../../helpers/statements.js';

/** PostgreSQL's limit for an idle transaction, in place of ten seconds. */
const IDLE_IN_TRANSACTION_MS = 100;

/** The process blocks once, for longer than that limit, after the response to a statement that matches. */
let blockAfter: RegExp | undefined;

const PgClient = interceptStatements({
  onCompleted(sql) {
    if (!blockAfter?.test(sql)) return;
    blockAfter = undefined;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4 * IDLE_IN_TRANSACTION_MS);
  },
});

let app: TestApp;

beforeAll(async () => {
  const session = { ...LONG_TIME_LIMITS.session, idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS };
  app = await startTestApp({ PgClient, poolTimeLimits: { ...LONG_TIME_LIMITS, session }, expectsServerErrors: true });
});

afterAll(() => app.close());

async function retries(): Promise<number> {
  const { metrics } = app.context;
  const count = (way: string) => metricOf(metrics, 'transaction_fallbacks_total', 'transaction_fallbacks_total', way);
  // The server's message may arrive as the response to COMMIT.
  return (await count('retry after connection')) + (await count('retry after commit'));
}

it.for([
  ['the drop was locked', /FOR UPDATE/],
  ['all was written, and COMMIT not yet sent', /UPDATE drops d/],
] as const)('a batch runs again if its process blocks when %s', async ([, statement]) => {
  const [dropId, buyer] = await Promise.all([app.createDrop({ total_stock: 1 }), app.createUser()]);
  const before = await retries();
  blockAfter = statement;
  const { body } = await app.reserve(buyer, dropId).expect(201);
  expect(blockAfter).toBeUndefined();
  blockAfter = statement;
  await app.purchase(buyer, body.data.reservation.id).expect(201);
  expect(blockAfter).toBeUndefined();
  expect((await retries()) - before).toBe(2);
  expect(await app.mismatches()).toEqual([]);
});

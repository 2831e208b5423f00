import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { sessionParameters } from '../../../src/lib/db/session-settings.js';
import { LONG_TIME_LIMITS, startTestApp, type TestApp } from '../../helpers/app.js';
import { canTest } from '../../helpers/can-test.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { dropRowLock, untilWaiting, whileLocked } from '../../helpers/locks.js';
import { metricOf } from '../../helpers/other-batches.js';
import { hasPgbouncer, openPooler } from '../../helpers/pgbouncer.js';

// A session that waits for a lock sends nothing, like a lost one, although the server is reachable.

/** Several times as long as a connection may receive nothing before a probe checks it. */
const LOCK_WAIT_MS = 2_500;

const withPooler = canTest('a pooler that DATABASE_URL does not declare', hasPgbouncer, 'There is no pgbouncer.');

async function expectUndisturbed(app: TestApp, database: TestDatabase): Promise<void> {
  const [user, dropId] = await Promise.all([app.createUser(), app.createDrop()]);
  const response = await whileLocked(database, dropRowLock(dropId), async ({ unlock }) => {
    const running = Promise.resolve(app.reserve(user, dropId));
    await untilWaiting(database);
    await sleep(LOCK_WAIT_MS);
    await unlock();
    return running;
  });
  expect(response.status).toBe(201);
  const fallbacks = (path: string) =>
    metricOf(app.context.metrics, 'transaction_fallbacks_total', 'transaction_fallbacks_total', path);
  expect([await fallbacks('retry after connection'), await fallbacks('retry after commit')]).toEqual([0, 0]);
}

describe('a session that waits for a lock is not taken for a lost one', () => {
  it('on a direct connection', async () => {
    const database = await createTestDatabase();
    const app = await startTestApp({ database });
    try {
      await expectUndisturbed(app, database);
    } finally {
      await app.close();
      await database.drop();
    }
  });

  it.runIf(withPooler)('through a pooler, where its backend has another process id', async () => {
    const database = await createTestDatabase();
    const ignored = Object.keys(sessionParameters(database.url, LONG_TIME_LIMITS.session));
    const pooler = await openPooler(database.url, 6, ignored);
    const url = new URL(pooler.urlOf(database.url));
    url.searchParams.delete('pgbouncer');
    const app = await startTestApp({ database, env: { DATABASE_URL: url.toString(), DIRECT_DATABASE_URL: database.url } }); // prettier-ignore
    try {
      await expectUndisturbed(app, database);
    } finally {
      await app.close();
      await pooler.close();
      await database.drop();
    }
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dropRowLock, untilWaiting, whileLocked } from '../../helpers/locks.js';
import { changes, CONNECTIONS, refusal, startFragileApp, type FragileApp } from './support.js';

let app: FragileApp;

beforeAll(async () => {
  app = await startFragileApp();
});

afterAll(() => app.close());

describe('a connection loss within the transaction', () => {
  it.for(changes)('is followed by a retry, and the client gets success: $what', async ({ status, prepare }) => {
    const before = await app.fallbacks('retry after connection');
    // One loss more than the pool has connections, so that the test fails if a connection is not returned.
    for (let loss = 0; loss <= CONNECTIONS; loss += 1) {
      const { dropId, request, expectedHolds } = await prepare(app);
      const response = await whileLocked(app.database, dropRowLock(dropId), async ({ unlock }) => {
        const running = Promise.resolve(request());
        await app.terminate(`wait_event_type = 'Lock'`);
        await untilWaiting(app.database);
        await unlock();
        return running;
      });
      expect(response.status).toBe(status);
      expect(await app.holdsOf(dropId)).toEqual(expectedHolds(response));
    }
    expect((await app.fallbacks('retry after connection')) - before).toBe(CONNECTIONS + 1);
    expect(await app.mismatches()).toEqual([]);
  });

  it('is followed by a retry after a long wait for the lock', async () => {
    const [user, dropId] = await Promise.all([app.createUser(), app.createDrop()]);
    const response = await whileLocked(app.database, dropRowLock(dropId), async ({ unlock }) => {
      const running = Promise.resolve(app.reserve(user, dropId));
      await untilWaiting(app.database);
      // Longer than the service waits for an unreachable database.
      await sleep(2_200);
      await app.terminate(`wait_event_type = 'Lock'`);
      await untilWaiting(app.database);
      await unlock();
      return running;
    });
    expect(response.status).toBe(201);
  });

  it('fails the request with 503 if it repeats, with nothing changed', async () => {
    const [user, dropId] = await Promise.all([app.createUser(), app.createDrop()]);
    const response = await whileLocked(app.database, dropRowLock(dropId), async () => {
      const running = Promise.resolve(app.reserve(user, dropId));
      for (let loss = 0; loss < 4; loss += 1) await app.terminate(`wait_event_type = 'Lock'`);
      return running;
    });
    expect(refusal(response)).toBe('503 unavailable, Retry-After 1');
    expect(await app.holdsOf(dropId)).toEqual([]);
    await app.recovered();
    await app.reserve(user, dropId).expect(201);
    expect(await app.mismatches()).toEqual([]);
  });
});

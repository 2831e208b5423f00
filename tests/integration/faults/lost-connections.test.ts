import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowOfDrop, untilWaiting, whileLocked } from '../../helpers/locks.js';
import { changes, CONNECTIONS, refusal, startFragileApp, type FragileApp } from './support.js';

let app: FragileApp;

beforeAll(async () => {
  app = await startFragileApp();
});

afterAll(() => app.close());

describe('a connection that is lost within the transaction', () => {
  it.for(changes)('is made up for, and the client sees success: $what', async ({ status, prepare }) => {
    const before = await app.fallbacks('retry after connection');
    // More often than there are connections, so that one that was not given back would be missed.
    for (let loss = 0; loss <= CONNECTIONS; loss += 1) {
      const { dropId, request, doneOnce } = await prepare(app);
      const answer = await whileLocked(app.database, rowOfDrop(dropId), async ({ letGo }) => {
        const running = Promise.resolve(request());
        await app.terminate(`wait_event_type = 'Lock'`);
        await untilWaiting(app.database);
        await letGo();
        return running;
      });
      expect(answer.status).toBe(status);
      expect(await app.holdsOf(dropId)).toEqual(doneOnce(answer));
    }
    expect((await app.fallbacks('retry after connection')) - before).toBe(CONNECTIONS + 1);
    expect(await app.mismatches()).toEqual([]);
  });

  it('is made up for however long the lock was waited for before', async () => {
    const [user, dropId] = await Promise.all([app.createUser(), app.createDrop()]);
    const answer = await whileLocked(app.database, rowOfDrop(dropId), async ({ letGo }) => {
      const running = Promise.resolve(app.reserve(user, dropId));
      await untilWaiting(app.database);
      // Longer than a database that is away is waited for.
      await sleep(2_200);
      await app.terminate(`wait_event_type = 'Lock'`);
      await untilWaiting(app.database);
      await letGo();
      return running;
    });
    expect(answer.status).toBe(201);
  });

  it('is told if it is lost again and again, with nothing changed', async () => {
    const [user, dropId] = await Promise.all([app.createUser(), app.createDrop()]);
    const answer = await whileLocked(app.database, rowOfDrop(dropId), async () => {
      const running = Promise.resolve(app.reserve(user, dropId));
      for (let loss = 0; loss < 4; loss += 1) await app.terminate(`wait_event_type = 'Lock'`);
      return running;
    });
    expect(refusal(answer)).toBe('503 unavailable, Retry-After 1');
    expect(await app.holdsOf(dropId)).toEqual([]);
    await app.recovered();
    await app.reserve(user, dropId).expect(201);
    expect(await app.mismatches()).toEqual([]);
  });
});

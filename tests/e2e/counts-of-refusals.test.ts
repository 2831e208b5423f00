import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildIfNeeded } from '../../scripts/build-if-needed.mjs';
import { startTestApp, type TestApp, type TestUser } from '../helpers/app.js';
import { until } from '../helpers/locks.js';
import { startServiceProcess, type ServiceProcess } from '../helpers/service-process.js';

let app: TestApp;
let user: TestUser;

beforeAll(async () => {
  await buildIfNeeded();
  app = await startTestApp();
  user = await app.createUser();
});

afterAll(() => app.close());

async function refuse(service: ServiceProcess, dropId: string, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    const { body } = await service.post('/api/reservations', { dropId }, user.token);
    expect(body.code).toBe('drop-paused');
  }
}

async function counted(dropId: string): Promise<number> {
  const { rows } = await app.database.query<{ refusals: number }>(
    'SELECT coalesce(sum(refusals), 0)::int AS refusals FROM drop_refusals WHERE drop_id = $1',
    [dropId],
  );
  return rows[0]?.refusals ?? 0;
}

it('a killed process loses only the refusals that it has not written yet, and a stopped one none', async () => {
  const dropId = await app.createDrop({ paused_at: new Date() });
  const env = { DATABASE_URL: app.database.url, LOG_LEVEL: 'error' };

  const killed = await startServiceProcess(env);
  await refuse(killed, dropId, 20);
  await until('the refusals to be written', async () => (await counted(dropId)) === 20);
  await refuse(killed, dropId, 5);
  killed.signal('SIGKILL');
  await killed.ended();
  const afterKill = await counted(dropId);
  expect(afterKill).toBeGreaterThanOrEqual(20);
  expect(afterKill).toBeLessThanOrEqual(25);

  const stopped = await startServiceProcess(env);
  await refuse(stopped, dropId, 5);
  stopped.signal('SIGTERM');
  expect(await stopped.ended()).toBe(0);
  expect(await counted(dropId)).toBe(afterKill + 5);
  expect(await app.mismatches()).toEqual([]);
});

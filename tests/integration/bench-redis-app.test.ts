import { randomUUID } from 'node:crypto';
import { createClient } from '@redis/client';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signToken } from '../../bench/harness/load-users.js';
import { holdsKey, openRedisApp, stockKey } from '../../bench/variants/redis-app.js';
import { canTest } from '../helpers/can-test.js';
import { createTestRedis, hasRedis, type TestRedis } from '../helpers/redis.js';

// What the benchmark compares the service with has to be correct: otherwise it is fast for the wrong reason.
const withRedis = canTest('the benchmark with the stock in Redis', hasRedis, 'There is no redis-server.');

let server: TestRedis;
let redis: ReturnType<typeof createClient>;
let app: Awaited<ReturnType<typeof openRedisApp>>;

describe.runIf(withRedis)('the app whose stock is in Redis', () => {
  beforeAll(async () => {
    server = await createTestRedis();
    await server.start();
    redis = createClient({ url: server.url });
    await redis.connect();
    app = await openRedisApp(server.url);
  });

  afterAll(async () => {
    await app.close();
    await redis.close();
    await server.kill();
  });

  async function createDrop(stock: number): Promise<string> {
    const dropId = randomUUID();
    await redis.set(stockKey(dropId), stock);
    return dropId;
  }

  const reserve = (dropId: string, user: number) =>
    supertest(app.listener).post('/api/reservations').auth(signToken(user), { type: 'bearer' }).send({ dropId });

  it('sells each unit once', async () => {
    const dropId = await createDrop(5);
    const responses = await Promise.all(Array.from({ length: 40 }, (_, user) => reserve(dropId, user)));
    expect(responses.filter(({ status }) => status === 201)).toHaveLength(5);
    expect(responses.filter(({ status, body }) => status === 409 && body.code === 'sold-out')).toHaveLength(35);
    expect(await redis.get(stockKey(dropId))).toBe('0');
    expect(await redis.zCard(holdsKey(dropId))).toBe(5);
  });

  it('answers with the members of the service, and refuses a second hold', async () => {
    const dropId = await createDrop(5);
    const { status, body } = await reserve(dropId, 1);
    expect(status).toBe(201);
    expect(body.data).toMatchObject({ availableStock: 4, reservation: { dropId, status: 'active' } });
    expect(Date.parse(body.data.reservation.expiresAt) - Date.parse(body.data.serverTime)).toBe(60_000);
    const again = await reserve(dropId, 1);
    expect([again.status, again.body.code]).toEqual([409, 'already-reserved']);
  });

  it('returns the units of expired holds', async () => {
    const dropId = await createDrop(0);
    await redis.zAdd(holdsKey(dropId), { score: Date.now() - 1, value: randomUUID() });
    expect((await reserve(dropId, 1)).status).toBe(201);
    expect((await reserve(dropId, 2)).status).toBe(409);
  });

  it('refuses a wrong token and a wrong body', async () => {
    const dropId = await createDrop(1);
    const wrong = signToken(1, 'another secret, with which the service signs nothing');
    const request = () => supertest(app.listener).post('/api/reservations');
    expect((await request().auth(wrong, { type: 'bearer' }).send({ dropId })).status).toBe(401);
    expect((await reserve('no-id', 1)).status).toBe(400);
  });
});

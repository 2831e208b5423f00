import { createClient } from '@redis/client';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { canTest } from '../../helpers/can-test.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { until } from '../../helpers/locks.js';
import { createTestRedis, hasRedis, type TestRedis } from '../../helpers/redis.js';
import { recordedStatements } from '../../helpers/statements.js';
import { as, expectProblem } from './support.js';

const withRedis = canTest('rate limits of several processes', hasRedis, 'There is no redis-server.');

/** No window ends during a test. */
const WINDOW_SECONDS = 3_600;
const LIMIT = 5;
const LONG_WAIT_MS = 240_000;

const PgClient = recordedStatements();
let database: TestDatabase;
let redis: TestRedis;
let here: TestApp;
let there: TestApp;
const log: string[] = [];

/** @param redisWaitMs long, because Redis may reply late on a busy machine; left out: that of production. */
async function start(redisWaitMs?: number): Promise<TestApp> {
  const stream = new Writable({
    write(chunk, _encoding, done) {
      log.push((JSON.parse(String(chunk)) as { msg: string }).msg);
      done();
    },
  });
  const env = {
    REDIS_URL: redis.url,
    RATE_LIMIT_ENABLED: 'true',
    RATE_LIMIT_RESERVE: `${LIMIT}/${WINDOW_SECONDS}`,
    RATE_LIMIT_PURCHASE: `${LIMIT}/${WINDOW_SECONDS}`,
  };
  return startTestApp({
    database,
    logger: pino({ level: 'info' }, stream),
    env,
    PgClient,
    ...(redisWaitMs !== undefined && { redisWaitMs }),
  });
}

/** Sends a request that counts and, without a body, has no other effect. */
const send = (app: TestApp, user: TestUser, path = '/api/reservations') => as(user, app.http.post(path));

/** The requests that are left to a user, as a response says. */
async function remaining(app: TestApp, user: TestUser): Promise<number> {
  const { status, headers } = await send(app, user);
  expect(status, 'counted, and refused for its body').toBe(400);
  return Number(/^"reserve"; r=(\d+); t=\d+$/.exec(headers.ratelimit ?? '')?.[1]);
}

/** Resolves when the processes count together. */
async function untilShared(other = there): Promise<void> {
  await until('both processes to count together', async () => {
    const user = await here.createUser();
    return (await remaining(here, user)) === LIMIT - 1 && (await remaining(other, user)) === LIMIT - 2;
  });
}

const logged = (beginning: string) => log.filter((line) => line.startsWith(beginning));

describe.runIf(withRedis)('with Redis, the rate limits of two processes', () => {
  beforeAll(async () => {
    [database, redis] = await Promise.all([createTestDatabase(), createTestRedis()]);
    await redis.start();
    [here, there] = await Promise.all([start(LONG_WAIT_MS), start(LONG_WAIT_MS)]);
    await untilShared();
  });

  beforeEach(() => {
    log.length = 0;
  });

  afterAll(async () => {
    await Promise.all([here.close(), there.close()]);
    await redis.kill();
    await database.drop();
  });

  it('are one limit, and expire in Redis with their window', async () => {
    const [user, other] = [await here.createUser(), await here.createUser()];
    const left = [];
    for (const app of [here, there, there, here, there]) left.push(await remaining(app, user));
    expect(left).toEqual([4, 3, 2, 1, 0]);
    for (const app of [here, there]) {
      const refused = await send(app, user);
      expectProblem(refused, 'rate-limited');
      expect(refused.headers['ratelimit-policy']).toBe(`"reserve"; q=${LIMIT}; w=${WINDOW_SECONDS}`);
      expect(refused.headers.ratelimit).toMatch(/^"reserve"; r=0; t=3\d{3}$/);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(WINDOW_SECONDS - 600);
    }
    expect(await remaining(there, other), 'another user').toBe(LIMIT - 1);

    const client = await createClient({ url: redis.url }).connect();
    const keys = await client.keys('*');
    const ttls = await Promise.all(keys.filter((key) => !key.includes(':probe:')).map((key) => client.pTTL(key)));
    client.destroy();
    expect(keys).toContain(`drop-inventory:rate-limit:reserve:${user.id}`);
    expect(Math.min(...ttls)).toBeGreaterThan(0);
    expect(Math.max(...ttls)).toBeLessThanOrEqual(WINDOW_SECONDS * 1000);
  });

  it.each(['reserve', 'purchase'])('cost neither Redis nor PostgreSQL anything beyond them: %s', async (name) => {
    const path = `/api/${name === 'reserve' ? 'reservation' : 'purchase'}s`;
    const user = await here.createUser();
    while ((await send(here, user, path)).status !== 429);
    PgClient.take();
    const refused = await Promise.all(Array.from({ length: 50 }, () => send(here, user, path)));
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([429]));
    expect(PgClient.take().map(({ text }) => text)).toEqual([]);
    const client = await createClient({ url: redis.url }).connect();
    const counted = await client.get(`drop-inventory:rate-limit:${name}:${user.id}`);
    client.destroy();
    expect(Number(counted)).toBe(LIMIT + 1);
  });

  it('are counted by each process while Redis is down, and together again afterwards', async () => {
    const user = await here.createUser();
    expect([await remaining(here, user), await remaining(there, user)]).toEqual([4, 3]);
    // It has received requests that it does not reply to any more.
    redis.pause();
    const inFlight = here.createUsers(20).then((users) => Promise.all(users.map((each) => send(here, each))));
    await sleep(20);
    await redis.kill();
    expect(new Set((await inFlight).map(({ status }) => status))).toEqual(new Set([400]));
    expect([await remaining(here, user), await remaining(there, user)]).toEqual([4, 4]);
    for (let left = 3; left >= 0; left -= 1) expect(await remaining(here, user)).toBe(left);
    expectProblem(await send(here, user), 'rate-limited');
    expect(await remaining(there, user)).toBe(3);

    await redis.start();
    await untilShared();
    expect(await remaining(there, user), 'Redis kept no counts').toBe(4);
    expect(logged('Redis is away: each process counts')).toHaveLength(2);
    expect(logged('Redis is back: processes share')).toHaveLength(2);
  });

  it('are counted by a process while Redis does not reply in time, and together again afterwards', async () => {
    const impatient = await start();
    try {
      await untilShared(impatient);
      const user = await here.createUser();
      redis.pause();
      try {
        const responses = await Promise.all(Array.from({ length: LIMIT }, () => send(impatient, user)));
        expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: LIMIT }, () => 400));
        expectProblem(await send(impatient, user), 'rate-limited');
      } finally {
        redis.resume();
      }
      await untilShared(impatient);
      expect(logged('Redis is away: each process counts')).not.toEqual([]);
      expect(logged('Redis is back: processes share')).not.toEqual([]);
    } finally {
      await impatient.close();
    }
  });
});

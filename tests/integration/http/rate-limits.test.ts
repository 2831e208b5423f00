import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { as, expectProblem, UNKNOWN_ID } from './support.js';

let app: TestApp;
const warnings = vi.spyOn(console, 'error');

beforeAll(async () => {
  app = await startTestApp({ env: { RATE_LIMIT_ENABLED: 'true', TRUST_PROXY: '1' } });
});
afterAll(async () => {
  await app.close();
  // express-rate-limit reports incorrect use on the console only.
  expect(warnings).not.toHaveBeenCalled();
});

type Request = ReturnType<TestApp['http']['get']>;

/** Sends a request repeatedly, several at a time; returns the last response. */
async function repeat(times: number, request: () => Request) {
  let last = await request();
  for (let sent = 1; sent < times;) {
    const batch = Array.from({ length: Math.min(25, times - sent) }, request);
    sent += batch.length;
    last = (await Promise.all(batch)).at(-1) ?? last;
  }
  return last;
}

/** Creates requests that count towards the limit and, without a body, have no other effect. */
const from = (address: string, path: string) => () => app.http.post(path).set('X-Forwarded-For', address);

function expectLimited(response: Awaited<Request>, windowSeconds: number) {
  const { detail } = expectProblem(response, 'rate-limited');
  const seconds = Number(response.headers['retry-after']);
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(windowSeconds);
  expect(detail).toBe(`Too many requests: try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}`);
}

describe.each([
  ['sign-in', '/api/users/login'],
  ['registration', '/api/users/register'],
])('%s', (name, path) => {
  it('returns the remaining requests in every response', async () => {
    const { headers } = await from('192.0.2.1', path)();
    expect(headers['ratelimit-policy']).toMatch(new RegExp(`^"${name}"; q=300; w=60(;|$)`));
    expect(headers.ratelimit).toMatch(new RegExp(`^"${name}"; r=299; t=\\d+$`));
  });

  it('is limited per address', async () => {
    const send = from('192.0.2.2', path);
    expect((await repeat(300, send)).status).toBe(400);
    const refused = await send();
    expectLimited(refused, 60);
    expect(refused.headers.ratelimit).toMatch(/r=0;/);
    expect((await from('192.0.2.3', path)()).status).toBe(400);
  });

  it('counts the IPv6 addresses of one /64 network together', async () => {
    const { headers } = await from('2001:db8:0:1::1', path)();
    expect(headers.ratelimit).toMatch(/r=299;/);
    expect((await from('2001:db8:0:1:ffff::2', path)()).headers.ratelimit).toMatch(/r=298;/);
  });

  it('counts all notations of one address together', async () => {
    const forms = [
      '198.51.100.7',
      '198.51.100.7:51001',
      '198.51.100.7:51002',
      '::ffff:198.51.100.7',
      '[::FFFF:c633:6407]:1',
    ];
    for (const [index, form] of forms.entries()) {
      expect((await from(form, path)()).headers.ratelimit, form).toMatch(new RegExp(`r=${299 - index};`));
    }
  });

  it('counts all invalid addresses from clients together', async () => {
    const remaining = async (address: string) =>
      Number(/r=(\d+)/.exec((await from(address, path)()).headers.ratelimit ?? '')?.[1]);
    const first = await remaining('nonsense');
    expect([await remaining('_other'), await remaining('1.2.3.4.5')]).toEqual([first - 1, first - 2]);
  });

  it('uses the address that the proxy adds instead of one that the client sends', async () => {
    const before = (await from('192.0.2.4', path)()).headers.ratelimit;
    const after = (await from('203.0.113.77, 192.0.2.4', path)()).headers.ratelimit;
    expect([before, after]).toEqual([expect.stringMatching(/r=299;/), expect.stringMatching(/r=298;/)]);
  });
});

describe('reservations and purchases', () => {
  it.each([
    ['reserve', '/api/reservations'],
    ['purchase', '/api/purchases'],
  ])('are limited per user: %s', async (name, path) => {
    const [user, other] = [await app.createUser(), await app.createUser()];
    const send = () => as(user, app.http.post(path));
    const first = await send();
    expect(first.headers['ratelimit-policy']).toMatch(new RegExp(`^"${name}"; q=100; w=10(;|$)`));
    expect((await repeat(99, send)).status).toBe(400);
    expectLimited(await send(), 10);
    expect((await as(other, app.http.post(path))).status).toBe(400);
  });

  it('are limited in lists of purchases, too', async () => {
    const [user, other] = [await app.createUser(), await app.createUser()];
    const list = (by: TestUser) => () => as(by, app.http.get('/api/purchases/mine'));
    const first = await list(user)();
    expect(first.headers['ratelimit-policy']).toMatch(/^"purchase-list"; q=50; w=10(;|$)/);
    expect((await repeat(49, list(user))).status).toBe(200);
    expectLimited(await list(user)(), 10);
    expect((await list(other)()).status).toBe(200);
  });

  it('are counted separately; a release counts as a reservation', async () => {
    const user = await app.createUser();
    await as(user, app.http.post('/api/reservations'));
    const release = await as(user, app.http.delete(`/api/reservations/${UNKNOWN_ID}`));
    expect(release.headers.ratelimit).toMatch(/^"reserve"; r=98;/);
    expect((await as(user, app.http.post('/api/purchases'))).headers.ratelimit).toMatch(/^"purchase"; r=99;/);
  });

  it('change nothing beyond the limit', async () => {
    const [user, dropId] = [await app.createUser(), await app.createDrop()];
    await repeat(100, () => as(user, app.http.post('/api/reservations')));
    expectLimited(await app.reserve(user, dropId), 10);
    expect((await app.http.get(`/api/drops/${dropId}`)).body.data).toMatchObject({ availableStock: 10, version: 1 });
  });
});

it('reads are not limited', async () => {
  const { headers } = await app.http.get('/api/drops');
  expect(headers.ratelimit).toBeUndefined();
});

it('without a trusted proxy, a client cannot choose its address', async () => {
  const withoutProxy = await startTestApp({ database: app.database, env: { RATE_LIMIT_ENABLED: 'true' } });
  try {
    const remaining = async (address: string) =>
      (await withoutProxy.http.post('/api/users/login').set('X-Forwarded-For', address)).headers.ratelimit;
    expect(await remaining('192.0.2.1')).toMatch(/r=299;/);
    expect(await remaining('192.0.2.2')).toMatch(/r=298;/);
  } finally {
    await withoutProxy.close();
  }
});

it('RATE_LIMIT_ENABLED=false turns off every limit', async () => {
  const unlimited = await startTestApp({ database: app.database });
  try {
    const last = await repeat(350, () => unlimited.http.post('/api/users/login'));
    expect([last.status, last.headers.ratelimit]).toEqual([400, undefined]);
  } finally {
    await unlimited.close();
  }
});

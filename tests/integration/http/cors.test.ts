import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp({
    env: {
      FRONTEND_URL: 'http://localhost:5173, https://shop.example/',
      FRONTEND_PROD_URL: 'https://live.example:8443/path',
      RATE_LIMIT_ENABLED: 'true',
    },
  });
});
afterAll(() => app.close());

const ALLOWED = ['http://localhost:5173', 'https://shop.example', 'https://live.example:8443'];
const OTHERS = [
  ...['https://evil.example', 'http://shop.example', 'https://shop.example:444', 'https://shop.example.evil.example'],
  ...['https://live.example', 'http://localhost:5000', 'null', 'https://SHOP.example.', 'https://sub.shop.example'],
];

const allowOrigin = (response: Response) => response.headers.get('access-control-allow-origin');

function preflight(path: string, origin: string, method = 'POST') {
  return fetch(app.url + path, {
    method: 'OPTIONS',
    headers: {
      Origin: origin,
      'Access-Control-Request-Method': method,
      'Access-Control-Request-Headers': 'authorization,content-type,idempotency-key',
    },
  });
}

describe.each(ALLOWED)('the listed origin %s', (origin) => {
  it.each(['/api/drops', '/nowhere', '/api/users/me', '/readyz'])('can read the response at %s', async (path) => {
    const response = await fetch(app.url + path, { headers: { Origin: origin } });
    expect(allowOrigin(response)).toBe(origin);
    expect(response.headers.get('vary')).toMatch(/\bOrigin\b/);
  });

  it.each([
    ['POST', '/api/reservations'],
    ['DELETE', '/api/reservations/x'],
    ['POST', '/api/purchases'],
  ])('can send a token and an idempotency key: %s %s', async (method, path) => {
    const response = await preflight(path, origin, method);
    expect(response.status).toBe(204);
    expect(allowOrigin(response)).toBe(origin);
    expect(response.headers.get('access-control-allow-methods')?.split(',')).toContain(method);
    const headers = response.headers.get('access-control-allow-headers')?.toLowerCase().split(/, */);
    expect(headers).toEqual(expect.arrayContaining(['authorization', 'content-type', 'idempotency-key']));
    expect(Number(response.headers.get('access-control-max-age'))).toBeGreaterThan(0);
  });
});

describe.each(OTHERS)('any other origin: %s', (origin) => {
  it('cannot read the response', async () => {
    const response = await fetch(`${app.url}/api/drops`, { headers: { Origin: origin } });
    expect([response.status, allowOrigin(response)]).toEqual([200, null]);
    expect(response.headers.get('vary')).toMatch(/\bOrigin\b/);
  });

  it('gets no CORS headers in a preflight', async () => {
    expect(allowOrigin(await preflight('/api/reservations', origin))).toBeNull();
  });
});

it('a request without an Origin header is served', async () => {
  const response = await fetch(`${app.url}/api/drops`);
  expect([response.status, allowOrigin(response)]).toEqual([200, null]);
});

it('a response exposes the headers that clients need', async () => {
  const response = await fetch(`${app.url}/api/drops`, { headers: { Origin: ALLOWED[0] ?? '' } });
  expect(response.headers.get('access-control-expose-headers')?.split(',').sort()).toEqual(
    ['X-Request-Id', 'Idempotency-Replayed', 'Retry-After', 'RateLimit', 'RateLimit-Policy', 'ETag'].sort(),
  );
});

it('a failure exposes them too', async () => {
  const response = await fetch(`${app.url}/api/users/login`, {
    method: 'POST',
    headers: { Origin: ALLOWED[1] ?? '', 'Content-Type': 'application/json' },
    body: '{',
  });
  expect([response.status, allowOrigin(response)]).toEqual([400, 'https://shop.example']);
  expect(response.headers.get('access-control-expose-headers')).toContain('X-Request-Id');
});

it('an OPTIONS request that is not a preflight is 204', async () => {
  expect((await fetch(`${app.url}/api/drops`, { method: 'OPTIONS' })).status).toBe(204);
});

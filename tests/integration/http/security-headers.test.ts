import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { as } from './support.js';

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const [image = 'none'] = readdirSync(new URL('../../../public/images', import.meta.url)).filter((name) =>
  name.endsWith('.svg'),
);

/** Returns the directives of the header by name. */
function policyOf(headers: Headers): Map<string, string> {
  const policy = headers.get('content-security-policy') ?? '';
  return new Map(
    policy.split(';').map((directive) => {
      const [name = '', ...values] = directive.trim().split(' ');
      return [name, values.join(' ')];
    }),
  );
}

describe.each([
  ['the API', '/api/drops'],
  ['a failure', '/nowhere'],
  ['the docs', '/docs'],
  ['an asset of the docs', '/docs/assets/swagger-ui-bundle.js'],
  ['the page of errors', '/errors'],
  ['an image', `/images/${image}`],
])('%s', (_case, path) => {
  let headers: Headers;
  beforeAll(async () => {
    const response = await fetch(app.url + path);
    expect(response.status).toBe(path === '/nowhere' ? 404 : 200);
    await response.arrayBuffer();
    ({ headers } = response);
  });

  it('has the usual security headers', () => {
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'referrer-policy': 'no-referrer',
    });
    expect(headers.has('x-powered-by')).toBe(false);
  });

  it('allows scripts of this server only', () => {
    const policy = policyOf(headers);
    expect(policy.get('default-src')).toBe("'self'");
    expect(policy.get('script-src')).toBe("'self'");
    expect(policy.get('object-src')).toBe("'none'");
    expect(policy.get('script-src-attr')).toBe("'none'");
  });

  it('does not upgrade requests to https, which the server does not have', () => {
    expect(policyOf(headers).has('upgrade-insecure-requests')).toBe(false);
    expect(headers.has('strict-transport-security')).toBe(false);
  });

  it('has no headers that browsers accept over https only', () => {
    expect(headers.has('cross-origin-opener-policy')).toBe(false);
    expect(headers.has('origin-agent-cluster')).toBe(false);
  });
});

it('with an https PUBLIC_URL, responses require https', async () => {
  const secure = await startTestApp({ database: app.database, env: { PUBLIC_URL: 'https://drops.example' } });
  try {
    const { headers } = await fetch(`${secure.url}/api/drops`);
    expect(headers.get('strict-transport-security')).toMatch(/^max-age=\d{7,}/);
    expect(policyOf(headers).has('upgrade-insecure-requests')).toBe(true);
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
  } finally {
    await secure.close();
  }
});

describe('images', () => {
  it('can be shown by pages of other origins', async () => {
    const response = await fetch(`${app.url}/images/${image}`, { headers: { Origin: 'https://elsewhere.example' } });
    expect(response.headers.get('content-type')).toMatch(/^image\/svg\+xml/);
    expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(response.headers.get('cache-control')).toContain('max-age=3600');
  });

  it('have the same headers in a 304', async () => {
    const { headers } = await app.http.get(`/images/${image}`);
    const again = await app.http.get(`/images/${image}`).set('If-None-Match', headers.etag ?? '');
    expect([again.status, again.headers['cross-origin-resource-policy']]).toEqual([304, 'cross-origin']);
  });

  it('are the exception: API responses are for their own origin and for CORS', async () => {
    const { headers } = await fetch(`${app.url}/api/drops`);
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
  });
});

// fetch() would add "Cache-Control: no-cache" to a request with If-None-Match, which requests the whole response.
describe('an unchanged response', () => {
  const get = (path: string, etag?: string) =>
    etag === undefined ? app.http.get(path) : app.http.get(path).set('If-None-Match', etag);

  it.each(['/api/drops', '/openapi.json'])('is 304 for a client that sends its ETag: %s', async (path) => {
    await app.createDrop();
    const { etag = '' } = (await get(path)).headers;
    expect(etag).toMatch(/^(W\/)?".+"$/);
    const again = await get(path, etag);
    expect([again.status, again.text, again.headers.etag]).toEqual([304, '', etag]);
  });

  it('is sent in full after a change', async () => {
    const { etag = '' } = (await get('/api/drops')).headers;
    await app.createDrop();
    const again = await get('/api/drops', etag);
    expect(again.status).toBe(200);
    expect(again.headers.etag).not.toBe(etag);
  });

  it.each(['/api/reservations', '/api/purchases/mine', '/api/users/me'])(
    'is also 304 for a user’s own data: %s',
    async (path) => {
      const user = await app.createUser();
      const { etag = '' } = (await as(user, get(path))).headers;
      expect((await as(user, get(path, etag))).status).toBe(304);
    },
  );
});

import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app.js';
import { startTestApp, type TestApp } from '../../helpers/app.js';

const PAGE = '<!doctype html><title>Shop</title><script type="module" src="/assets/app-1a2b.js"></script>';
const SCRIPT = 'console.log("a script");'.repeat(100);
const ICON = '<svg xmlns="http://www.w3.org/2000/svg"/>';
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

const root = mkdtempSync(join(tmpdir(), 'web-pages-'));
const built = join(root, 'web');
let app: TestApp;
let servers: Server[];

const DEMO_ACCOUNTS = [{ username: 'a', email: 'ada@example.com', password: '"<b>', role: 'user' }];

async function listen(webFolder: string, demoAccounts?: typeof DEMO_ACCOUNTS): Promise<Server> {
  const server = createServer(createApp(app.context, { webFolder, demoAccounts }).listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

beforeAll(async () => {
  mkdirSync(join(built, 'assets'), { recursive: true });
  for (const [name, text] of [
    ['index.html', PAGE],
    ['assets/app-1a2b.js', SCRIPT],
  ] as const) {
    writeFileSync(join(built, name), text);
    writeFileSync(join(built, `${name}.br`), brotliCompressSync(text));
    writeFileSync(join(built, `${name}.gz`), gzipSync(text));
  }
  writeFileSync(join(built, 'icon.svg'), ICON);
  writeFileSync(join(built, '.stamp'), 'secret');
  writeFileSync(join(root, 'beside.txt'), 'secret');
  app = await startTestApp();
  servers = [await listen(built), await listen(join(root, 'nothing')), await listen(built, DEMO_ACCOUNTS)];
});
afterAll(async () => {
  for (const server of servers) server.close();
  await app.close();
  rmSync(root, { recursive: true, force: true });
});

interface PageResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends exactly these headers; fetch() adds others. */
async function get(
  path: string,
  headers: Readonly<Record<string, string>> = {},
  { method = 'GET', server = servers[0] } = {},
): Promise<PageResponse> {
  const { port } = server?.address() as AddressInfo;
  const req = request({ host: '127.0.0.1', port, method, path, headers });
  req.end();
  const [res] = await once(req, 'response');
  return { status: res.statusCode, headers: res.headers, body: await buffer(res) };
}

const asBrowser = (path: string) => get(path, { Accept: BROWSER });

function expectPage({ status, headers, body }: PageResponse): void {
  expect([status, headers['content-type'], body.toString()]).toEqual([200, 'text/html; charset=utf-8', PAGE]);
}

describe('the page', () => {
  it('is served at / to every client', async () => {
    expectPage(await asBrowser('/'));
    expectPage(await get('/'));
    expectPage(await asBrowser('/?status=live'));
  });

  it.each(['/dashboard', '/admin', '/me/purchases?page=2', '/nowhere', '/drops/'])(
    'is served at %s to a browser',
    async (path) => {
      expectPage(await asBrowser(path));
    },
  );

  it('has the demo accounts in its head only if there are any', async () => {
    const server = servers[2];
    const { status, headers, body } = await get('/sign-in', { Accept: BROWSER }, { server });
    expect([status, headers['content-type'], headers['cache-control']]).toEqual([
      200,
      'text/html; charset=utf-8',
      'no-cache',
    ]);
    expect(headers['content-security-policy']).toContain("default-src 'self'");
    const content = /<meta name="demo-accounts" content="([^"]*)" \/>/.exec(body.toString())?.[1] ?? '';
    expect(content).not.toContain('<');
    expect(JSON.parse(content.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>'))).toEqual(
      DEMO_ACCOUNTS,
    );
    expect((await get('/', { 'If-None-Match': headers.etag ?? '' }, { server })).status).toBe(304);
    expect((await asBrowser('/sign-in')).body.toString()).not.toContain('demo-accounts');
  });

  it('is revalidated before each use', async () => {
    const { headers } = await asBrowser('/dashboard');
    expect(headers['cache-control']).toBe('no-cache');
    expect((await get('/', { 'If-None-Match': headers.etag ?? '' })).status).toBe(304);
  });

  it.each([
    ['a script', '/nowhere', '*/*'],
    ['an image', '/nowhere', 'image/avif,image/webp,*/*;q=0.8'],
    ['a style', '/dashboard', 'text/css'],
    ['an API client', '/dashboard', 'application/json'],
    ['a browser: the API', '/api/nowhere', BROWSER],
    ['a browser: an image', '/images/none', BROWSER],
    ['a browser: a file of the docs', '/docs/none', BROWSER],
    ['a browser: an asset', '/assets/none', BROWSER],
    ['a browser: a file', '/none.txt', BROWSER],
    ['a browser: a path that cannot be decoded', '/%E0%A4%A', BROWSER],
    ['a browser: the stamp of the build', '/.stamp', BROWSER],
    ['a browser: a file beside the folder', '/..%2fbeside.txt', BROWSER],
    ['a browser: a file above the folder', '/assets/../../beside.txt', BROWSER],
  ])('does not replace a 404: %s', async (_case, path, accept) => {
    const { status, headers, body } = await get(path, { Accept: accept });
    expect(status).toBe(404);
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(JSON.parse(body.toString())).toMatchObject({
      code: 'route-not-found',
      detail: 'There is nothing at this address',
    });
  });

  it('does not replace the docs, the error page and the API', async () => {
    for (const [path, text] of Object.entries({ '/docs': 'swagger-ui', '/errors': 'sold-out', '/api/drops': 'meta' })) {
      const { status, body } = await asBrowser(path);
      expect([path, status, body.toString().includes(text)]).toEqual([path, 200, true]);
      expect(body.toString()).not.toBe(PAGE);
    }
  });

  it('is served for GET and HEAD only', async () => {
    for (const [path, status] of Object.entries({ '/': 405, '/assets/app-1a2b.js': 405, '/dashboard': 404 })) {
      expect([path, (await get(path, { Accept: BROWSER }, { method: 'POST' })).status]).toEqual([path, status]);
    }
    const head = await get('/', { Accept: BROWSER }, { method: 'HEAD' });
    expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, String(PAGE.length), 0]);
  });
});

describe('the Content-Security-Policy of the page', () => {
  const policyOf = ({ headers }: PageResponse) =>
    new Map(
      String(headers['content-security-policy'])
        .split(';')
        .map((directive): [string, string] => {
          const [name = '', ...values] = directive.trim().split(' ');
          return [name, values.join(' ')];
        }),
    );

  it('allows scripts and styles of this server only', async () => {
    const policy = policyOf(await asBrowser('/dashboard'));
    expect(Object.fromEntries(policy)).toMatchObject({
      'default-src': "'self'",
      'script-src': "'self'",
      'script-src-attr': "'none'",
      'style-src': "'self'",
      'font-src': "'self'",
      'connect-src': "'self'",
      'object-src': "'none'",
      'base-uri': "'self'",
      'form-action': "'self'",
      'frame-ancestors': "'self'",
    });
    expect([...policy.values()].join(' ')).not.toMatch(/unsafe|\*/);
  });

  it('allows images from any origin, because admins set their addresses', async () => {
    expect(policyOf(await asBrowser('/')).get('img-src')).toBe("'self' data: http: https:");
  });

  it('does not upgrade requests to https', async () => {
    expect(policyOf(await asBrowser('/')).has('upgrade-insecure-requests')).toBe(false);
  });
});

describe('a file', () => {
  it('with a hash in its name is cached permanently', async () => {
    const { status, headers, body } = await get('/assets/app-1a2b.js');
    expect([status, body.toString()]).toEqual([200, SCRIPT]);
    expect(headers['content-type']).toMatch(/^text\/javascript/);
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
  });

  it('without a hash in its name is revalidated', async () => {
    const { headers, body } = await get('/icon.svg');
    expect([headers['content-type'], headers['cache-control'], body.toString()]).toEqual([
      'image/svg+xml',
      'no-cache',
      ICON,
    ]);
  });

  it.each([
    ['gzip, deflate, br, zstd', 'br', brotliDecompressSync],
    ['br;q=0.1, gzip', 'br', brotliDecompressSync],
    ['gzip', 'gzip', gunzipSync],
    ['br;q=0, gzip', 'gzip', gunzipSync],
    ['identity', undefined, (body: Buffer) => body],
    ['', undefined, (body: Buffer) => body],
  ])('with Accept-Encoding "%s" is sent as %s', async (accepted, encoding, read) => {
    for (const [path, text, type] of [
      ['/assets/app-1a2b.js', SCRIPT, /^text\/javascript/],
      ['/dashboard', PAGE, /^text\/html/],
    ] as const) {
      const { headers, body } = await get(path, { 'Accept-Encoding': accepted, Accept: BROWSER });
      expect([headers['content-encoding'], read(body).toString()]).toEqual([encoding, text]);
      expect(headers['content-type']).toMatch(type);
      expect(headers['content-length']).toBe(String(body.length));
      expect(headers.vary).toBe(path === '/dashboard' ? 'Accept, Accept-Encoding, Origin' : 'Accept-Encoding, Origin');
    }
  });
});

it('without a built page, / redirects to the docs and other paths are 404', async () => {
  const [, server] = servers;
  const { status, headers } = await get('/', { Accept: BROWSER }, { server });
  expect([status, headers.location]).toEqual([302, '/docs']);
  expect((await get('/dashboard', { Accept: BROWSER }, { server })).status).toBe(404);
  expect((await get('/', {}, { server, method: 'POST' })).status).toBe(405);
});

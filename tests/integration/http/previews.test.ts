import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app.js';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { openDatabaseProxy, type DatabaseProxy } from '../../helpers/database-proxy.js';
import { whileLocked } from '../../helpers/locks.js';
import { UNKNOWN_ID } from './support.js';

// The preview of a link to a drop in chats, social networks and search results. Their crawlers send `Accept: */*`.

const PUBLIC_URL = 'https://shop.example/drops-here';
const PAGE = `<!doctype html>
<html><head>
    <meta name="description" content="The whole site" />
    <meta property="og:title" content="The whole site" />
    <title>Site</title>
    <script type="module" src="/assets/app.js"></script>
</head><body><div id="root"></div></body></html>`;
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

const folder = mkdtempSync(join(tmpdir(), 'previews-'));
let database: TestDatabase;
let databaseProxy: DatabaseProxy;
let app: TestApp;
let server: Server;

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.html'), PAGE);
  database = await createTestDatabase();
  databaseProxy = await openDatabaseProxy(database.url);
  app = await startTestApp({ database, env: { DATABASE_URL: databaseProxy.url, PUBLIC_URL } });
  server = createServer(createApp(app.context, { webFolder: folder }).listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(async () => {
  server.close();
  await app.close();
  await databaseProxy.close();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** Sends exactly these headers; fetch() adds others. */
async function get(path: string, headers: Readonly<Record<string, string>> = { Accept: '*/*' }, method = 'GET') {
  const { port } = server.address() as AddressInfo;
  const req = request({ host: '127.0.0.1', port, method, path, headers });
  req.end();
  const [res] = (await once(req, 'response')) as [IncomingMessage];
  return { status: res.statusCode, headers: res.headers, body: await text(res) };
}

/** Fetches the page of a drop. Repeats the request when the plain page comes back because a busy database timed out. */
async function getDropPage(...args: Parameters<typeof get>): ReturnType<typeof get> {
  for (;;) {
    const response = await get(...args);
    if (response.status !== 200 || response.body !== PAGE) return response;
  }
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const unescape = (value: string) => value.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => ENTITIES[name] ?? '');

/** Parses the head: the title, the canonical link, and the content of each meta element by its name or property. */
function headOf(body: string): Record<string, string> {
  const head = body.slice(0, body.indexOf('</head>'));
  const metas = [...head.matchAll(/<meta (?:name|property)="([^"]*)" content="([^"]*)" \/>/g)];
  const title = /<title>([^<]*)<\/title>/.exec(head)?.[1] ?? '';
  const canonical = /<link rel="canonical" href="([^"]*)" \/>/.exec(head)?.[1] ?? '';
  return Object.fromEntries(
    [['title', title], ['canonical', canonical], ...metas.map(([, name, content]) => [name, content])].map(
      ([name = '', content = '']) => [name, unescape(content)],
    ),
  );
}

describe('the page of a drop', () => {
  it('has the name, price, state and image of the drop in its head, with absolute addresses', async () => {
    const id = await app.createDrop({
      name: 'Aurora Runner',
      price: '175.00',
      total_stock: 1_200,
      image_url: '/images/sneaker.svg',
    });
    const { status, headers, body } = await getDropPage(`/drops/${id}`);
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    const description = '1,200 at $175 each. On sale now, counted live and never oversold.';
    const [url, image] = [`${PUBLIC_URL}/drops/${id}`, `${PUBLIC_URL}/images/sneaker.svg`];
    expect(headOf(body)).toEqual({
      title: 'Aurora Runner · Drop Inventory',
      description,
      canonical: url,
      'og:type': 'website',
      'og:site_name': 'Drop Inventory',
      'og:title': 'Aurora Runner',
      'og:description': description,
      'og:url': url,
      'og:image': image,
      'twitter:card': 'summary_large_image',
      'twitter:title': 'Aurora Runner',
      'twitter:description': description,
      'twitter:image': image,
    });
    // The rest is the built page.
    expect(body).toContain('<script type="module" src="/assets/app.js"></script>\n</head><body><div id="root"></div>');
    expect(body).not.toContain('The whole site');
    expect(body.match(/<title>/g)).toHaveLength(1);
  });

  it('begins with the description of the drop on one line, as long as previews show it', async () => {
    const begins = async (description: string) => {
      const { body } = await getDropPage(
        `/drops/${await app.createDrop({ description, price: '1500', currency: 'JPY', total_stock: 3 })}`,
      );
      expect(body.match(/<script/g)).toHaveLength(1);
      const head = headOf(body);
      expect([head['og:description'], head['twitter:description']]).toEqual([head.description, head.description]);
      return head.description;
    };
    const rest = '3 at ¥1,500 each. On sale now, counted live and never oversold.';
    expect(await begins('One.\n\n  Two: </title><script>alert("1")</script> & $& “x”')).toBe(
      `One. Two: </title><script>alert("1")</script> & $& “x” ${rest}`,
    );
    expect(await begins(`${'word '.repeat(39)}words that are cut off`)).toBe(`${'word '.repeat(39)}… ${rest}`);
    expect(await begins('🏷'.repeat(201))).toBe(`${'🏷'.repeat(200)} … ${rest}`);
  });

  it('says that a drop without a price is free', async () => {
    const { body } = await getDropPage(`/drops/${await app.createDrop({ price: 0, total_stock: 3 })}`);
    expect(headOf(body).description).toMatch(/^3, free of charge\. On sale now/);
  });

  it.each([
    'Plain & simple',
    '</title><script>alert(1)</script>',
    `"><img src=x onerror='alert(1)'>`,
    '$& $1 $` $$',
    '&lt;b&gt; &#39; &amp;amp;',
    '–✓ 限定 مرحبا 🚀 — ' + 'x'.repeat(150),
    "it's --> <!-- ]]> {{x}} ${y}",
  ])('escapes the name %j', async (name) => {
    const { body } = await getDropPage(`/drops/${await app.createDrop({ name })}`);
    const head = headOf(body);
    expect([head.title, head['og:title'], head['twitter:title']]).toEqual([`${name} · Drop Inventory`, name, name]);
    expect(body.match(/<script/g)).toHaveLength(1);
    expect(body).not.toContain('<img');
  });

  it.each([
    [null, `${PUBLIC_URL}/share.png`],
    ['/images/a b"><script>.png', `${PUBLIC_URL}/images/a%20b%22%3E%3Cscript%3E.png`],
    ['https://pictures.example/a.png?b=1&c="2"', 'https://pictures.example/a.png?b=1&c=%222%22'],
    ['javascript:alert(1)', `${PUBLIC_URL}/share.png`],
  ])('for the imageUrl %j has the image %s', async (imageUrl, expected) => {
    const head = headOf((await getDropPage(`/drops/${await app.createDrop({ image_url: imageUrl })}`)).body);
    expect([head['og:image'], head['twitter:image']]).toEqual([expected, expected]);
  });

  it.each([
    [{ drop_starts_at: '2099-12-01T10:00:00Z' }, 'Opens on 1 December 2099 at 10:00 UTC.'],
    [{ drop_starts_at: '2020-01-01T00:00:00Z', drop_ends_at: '2020-01-02T00:00:00Z' }, 'Sales have ended.'],
    [{ paused_at: '2020-01-01T00:00:00Z' }, 'Sales are paused.'],
    [{ cancelled_at: '2020-01-01T00:00:00Z' }, 'This drop was cancelled.'],
  ])('describes the state of the drop: %j', async (columns, state) => {
    const { body } = await getDropPage(`/drops/${await app.createDrop(columns)}`);
    expect(headOf(body).description).toBe(`10 at $10 each. ${state}`);
  });

  it('is revalidated with an ETag and is 304 until the drop changes', async () => {
    const id = await app.createDrop({ name: 'Before' });
    const { headers } = await getDropPage(`/drops/${id}`);
    expect(headers['cache-control']).toBe('no-cache');
    expect(headers.vary).toBe('Accept, Accept-Encoding, Origin');
    const etag = headers.etag ?? '';
    const again = await getDropPage(`/drops/${id}`, { Accept: '*/*', 'If-None-Match': etag });
    expect([again.status, again.body]).toEqual([304, '']);
    await database.query(`UPDATE drops SET name = 'After' WHERE id = $1`, [id]);
    await expect
      .poll(
        async () => headOf((await getDropPage(`/drops/${id}`, { Accept: '*/*', 'If-None-Match': etag })).body).title,
        {
          timeout: 60_000,
        },
      )
      .toBe('After · Drop Inventory');
  });

  it('has the headers of every page, also for HEAD', async () => {
    const id = await app.createDrop();
    const [drop, other] = [await getDropPage(`/drops/${id}`), await get('/dashboard')];
    expect(drop.headers['content-security-policy']).toBe(other.headers['content-security-policy']);
    expect(drop.headers['content-security-policy']).toContain("script-src 'self'");
    const size = String(Buffer.byteLength(drop.body));
    const head = async () => {
      const { status, headers, body } = await get(`/drops/${id}`, { Accept: '*/*' }, 'HEAD');
      return [status, headers['content-length'], body];
    };
    await expect.poll(head, { timeout: 60_000 }).toEqual([200, size, '']);
  });

  it('is found with an id in upper case, a trailing slash or a query', async () => {
    const id = await app.createDrop({ name: 'Found' });
    for (const path of [`/drops/${id.toUpperCase()}`, `/drops/${id}/`, `/drops/${id}?utm_source=chat`]) {
      const { status, body } = await getDropPage(path);
      expect([path, status, headOf(body).canonical]).toEqual([path, 200, `${PUBLIC_URL}/drops/${id}`]);
    }
  });

  it.each([`/drops/${UNKNOWN_ID}`, '/drops/none', '/drops/a.b', '/drops/%E0%A4%A', '/drops/%22%3E%3Cscript%3E'])(
    'is a page with status 404 if there is no such drop: %s',
    async (path) => {
      for (const accept of ['*/*', BROWSER]) {
        const { status, headers, body } = await getDropPage(path, { Accept: accept });
        expect([status, headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
        expect(headOf(body)).toMatchObject({ title: 'Drop · Drop Inventory', description: 'There is no such drop.' });
        expect(body.match(/<script/g)).toHaveLength(1);
      }
    },
  );
});

describe('the page of a drop is the page of the site', () => {
  it('while the database is unreachable', async () => {
    const id = await app.createDrop();
    await databaseProxy.cut();
    try {
      const { status, headers, body } = await get(`/drops/${id}`);
      expect([status, body]).toEqual([200, PAGE]);
      expect(headers['cache-control']).toBe('no-cache');
    } finally {
      await databaseProxy.restore();
    }
    await expect
      .poll(async () => headOf((await get(`/drops/${id}`)).body).title, { timeout: 60_000 })
      .toBe('Test drop · Drop Inventory');
  });

  it('while the database does not respond', async () => {
    const id = await app.createDrop();
    await whileLocked(database, { sql: 'LOCK TABLE drops', params: [] }, async () => {
      const { status, body } = await get(`/drops/${id}`);
      expect([status, body]).toEqual([200, PAGE]);
    });
  });
});

describe('depending on the Accept header,', () => {
  const pages = ['/', '/dashboard', '/holds', '/purchases', '/sign-in', '/register', '/admin', '/dashboard/'];
  const JSON_FIRST = [
    'application/json',
    'application/json, text/plain, */*',
    'application/problem+json, */*;q=0.1',
    'text/html;q=0.5, application/json',
    'text/html;q=0, */*',
    'application/*',
  ];
  const HTML = [
    '*/*',
    '',
    'text/html',
    'text/*',
    BROWSER,
    'image/avif,image/webp,*/*;q=0.8',
    'application/json;q=0.5, */*',
    '*/*;q=0.1',
  ];

  it.each(pages)('%s is a page unless the client prefers JSON', async (path) => {
    for (const accept of HTML) {
      const { status, headers, body } = await get(path, { Accept: accept });
      expect([accept, status, body]).toEqual([accept, 200, PAGE]);
      expect(headers.vary).toBe('Accept, Accept-Encoding, Origin');
    }
  });

  it.each([...pages, `/drops/${UNKNOWN_ID}`])('%s is a problem if the client prefers JSON', async (path) => {
    for (const accept of JSON_FIRST) {
      const { status, headers, body } = await get(path, { Accept: accept });
      expect([accept, status]).toEqual([accept, 404]);
      expect(headers['content-type']).toMatch(/^application\/problem\+json/);
      expect(headers.vary).toMatch(/\bAccept\b/);
      expect(JSON.parse(body)).toMatchObject({ code: 'route-not-found' });
    }
  });

  it.each([
    '/api/nowhere',
    '/api/drops/',
    `/api/drops/${UNKNOWN_ID}`,
    '/nowhere',
    '/reservations',
    '/images/none',
    '/assets/none',
  ])('%s is JSON for every client', async (path) => {
    const { headers, body } = await get(path);
    expect(headers['content-type']).toMatch(/^application\/(problem\+)?json/);
    expect(body).not.toContain('<');
  });
});

describe('a file that clients request from every site exists:', () => {
  it('/favicon.ico', async () => {
    const { status, headers } = await get('/favicon.ico');
    expect([status, headers['content-type']]).toEqual([
      200,
      expect.stringMatching(/^image\/(x-icon|vnd\.microsoft\.icon)/),
    ]);
    expect((await get('/favicon.ico', {}, 'POST')).status).toBe(405);
  });

  it('/share.png, the default preview image, for pages on any origin', async () => {
    const { status, headers } = await get('/share.png');
    expect([status, headers['content-type'], headers['cross-origin-resource-policy']]).toEqual([
      200,
      'image/png',
      'cross-origin',
    ]);
  });

  it('/robots.txt, which allows the public pages and disallows the API and the pages of users', async () => {
    const { status, headers, body } = await get('/robots.txt');
    expect([status, headers['content-type']]).toEqual([200, expect.stringMatching(/^text\/plain/)]);
    const disallowed = [...body.matchAll(/^Disallow: (\S+)$/gm)].map(([, path = '']) => path);
    const isAllowed = (path: string) => !disallowed.some((prefix) => path.startsWith(prefix));
    expect(['/', `/drops/${UNKNOWN_ID}`, '/dashboard', '/images/a.svg', '/assets/a.js'].filter(isAllowed)).toHaveLength(
      5,
    );
    expect(['/api/drops', '/socket.io/?x', '/admin', '/holds', '/purchases'].filter(isAllowed)).toEqual([]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { findFreePort } from '../../helpers/free-port.js';
import { openHttpProxy, type HttpProxy } from '../../helpers/http-proxy.js';
import { listenTo } from '../../helpers/sockets.js';

// The public address is that of a proxy that rewrites Host, which is the default of nginx.

let proxy: HttpProxy;
let app: TestApp;

beforeAll(async () => {
  const port = await findFreePort();
  proxy = await openHttpProxy({ target: `http://127.0.0.1:${port}` });
  app = await startTestApp({
    env: { PORT: String(port), PUBLIC_URL: `${proxy.url}/shop`, FRONTEND_URL: 'https://other.example' },
  });
});

afterAll(async () => {
  await app.close();
  await proxy.close();
});

const from = (origin: string, transport: string, url = proxy.url, headers: Record<string, string> = {}) =>
  listenTo({ url }, { transports: [transport], upgrade: false, extraHeaders: { Origin: origin, ...headers } });

describe.each(['websocket', 'polling'])('a socket by %s through a proxy that rewrites Host', (transport) => {
  it('is accepted from a page of PUBLIC_URL', async () => {
    (await from(proxy.url, transport)).close();
  });

  it('is accepted from a listed origin, and without an origin', async () => {
    (await from('https://other.example', transport)).close();
    (await listenTo({ url: proxy.url }, { transports: [transport], upgrade: false })).close();
  });

  it.each(['https://evil.example', 'null', 'http://127.0.0.1:1'])('is refused from %s', async (origin) => {
    await expect(from(origin, transport)).rejects.toThrow();
  });
});

it('pages of PUBLIC_URL and of listed origins may read responses of the API', async () => {
  for (const origin of [proxy.url, 'https://other.example']) {
    const { headers } = await fetch(`${proxy.url}/api/drops`, { headers: { Origin: origin } });
    expect(headers.get('access-control-allow-origin')).toBe(origin);
  }
  const { headers } = await fetch(`${proxy.url}/api/drops`, { headers: { Origin: 'https://evil.example' } });
  expect(headers.get('access-control-allow-origin')).toBeNull();
});

it('the upgrade from polling works as well', async () => {
  const listener = await listenTo(
    { url: proxy.url },
    { transports: ['polling', 'websocket'], extraHeaders: { Origin: proxy.url } },
  );
  const { engine } = listener.socket.io;
  if (engine.transport.name !== 'websocket') await new Promise((resolve) => engine.once('upgrade', resolve));
  expect(engine.transport.name).toBe('websocket');
  listener.close();
});

// A proxy may send the default port of the scheme: `proxy_set_header Host $host:$server_port`.
it.each([
  ['http://shop.example', 'shop.example:80'],
  ['https://shop.example', 'shop.example:443'],
  ['https://shop.example', 'SHOP.example'],
])('a page of %s is of the same origin where Host is %s', async (origin, host) => {
  (await from(origin, 'websocket', app.url, { Host: host })).close();
});

it.each([
  ['https://shop.example', 'shop.example:80'],
  ['https://shop.example', 'shop.example.evil.example'],
  ['https://shop.example', 'not a host'],
])('a page of %s is of another origin where Host is %s', async (origin, host) => {
  await expect(from(origin, 'websocket', app.url, { Host: host })).rejects.toThrow();
});

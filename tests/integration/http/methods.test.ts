import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { expectProblem, UNKNOWN_ID } from './support.js';

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

/** The paths that are not API routes (see guards/routes.test.ts for those), and the methods that each allows. */
const PATHS: [path: string, allow: string][] = [
  ['/openapi.json', 'GET, HEAD'],
  ['/docs', 'GET, HEAD'],
  ['/docs/start.js', 'GET, HEAD'],
  ['/docs/assets/swagger-ui.css', 'GET, HEAD'],
  ['/images/any.svg', 'GET, HEAD'],
  ['/errors', 'GET, HEAD'],
  ['/', 'GET, HEAD'],
];
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'];
const REFUSED = PATHS.flatMap(([path, allow]) =>
  METHODS.filter((method) => !allow.split(', ').includes(method)).map((method) => [method, path, allow] as const),
);

describe('405 is the response to', () => {
  it.each(REFUSED)('%s %s', async (method, path, allow) => {
    const response = await fetch(app.url + path, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
    expect(await response.json()).toMatchObject({ code: 'method-not-allowed', instance: path });
  });

  it('GET /api/users/login, because "login" is not a user id', async () => {
    const response = await app.http.get('/api/users/login');
    expect(expectProblem(response, 'method-not-allowed').detail).toBe('GET is not possible here; allowed: POST');
  });
});

describe('404 is the response to', () => {
  it.each([
    ['/api'],
    ['/api/nothing'],
    [`/api/drops/${UNKNOWN_ID}/more`],
    ['/api/purchases/'.repeat(2)],
    ['/docs/assets/'],
    ['/docs/assets/none.js'],
    ['/docs/assets/..%2fpackage.json'],
    ['/images'],
    ['/images/'],
    ['/images/none.svg'],
    ['/images/..%2f..%2fpackage.json'],
    ['/images/%00'],
    ['/images/%E0%A4%A'],
    ['/.env'],
    ['/metrics'],
  ])('%s', async (path) => {
    const response = await fetch(app.url + path, { redirect: 'manual' });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      code: 'route-not-found',
      detail: 'There is nothing at this address',
    });
  });
});

describe('HEAD', () => {
  it.each(['/api/drops', '/livez', '/docs', '/openapi.json'])('%s has the headers of GET and no body', async (path) => {
    const [head, get] = [await fetch(app.url + path, { method: 'HEAD' }), await fetch(app.url + path)];
    expect(head.status).toBe(200);
    expect(await head.text()).toBe('');
    expect(head.headers.get('content-length')).toBe(String((await get.arrayBuffer()).byteLength));
  });

  it('for an unknown drop is 404', async () => {
    expect((await fetch(`${app.url}/api/drops/${UNKNOWN_ID}`, { method: 'HEAD' })).status).toBe(404);
  });
});

it('routing ignores the case of a path and a trailing slash', async () => {
  expect((await app.http.get('/API/Drops/')).status).toBe(200);
});

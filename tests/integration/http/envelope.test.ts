import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROBLEMS } from '../../../src/modules/problems.js';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { findFreePort } from '../../helpers/free-port.js';
import { as, expectMembers, expectProblem, expectSuccess, MEMBERS, UNKNOWN_ID } from './support.js';

let app: TestApp;
let user: TestUser;

beforeAll(async () => {
  const port = String(await findFreePort());
  app = await startTestApp({
    env: { PORT: port, PUBLIC_URL: `http://127.0.0.1:${port}/` },
    // One test renames a table.
    expectsServerErrors: true,
  });
  user = await app.createUser();
});
afterAll(() => app.close());

const PROBLEM_MEMBERS = ['type', 'title', 'status', 'detail', 'instance', 'code', 'requestId', 'message'];

describe('success', () => {
  it('is an envelope of status, message and data', async () => {
    const response = await as(user, app.http.get('/api/users/me'));
    expectMembers(expectSuccess(response, 200), ['status', 'message', 'data']);
    expect(response.headers['content-type']).toBe('application/json; charset=utf-8');
  });

  it('has meta beside the data of a paginated list', async () => {
    const body = expectSuccess(await app.http.get('/api/drops'), 200);
    expectMembers(body, ['status', 'message', 'data', 'meta']);
    expectMembers(body.meta, MEMBERS.meta);
  });

  it.each(['/api/health', '/livez', '/readyz'])('is bare at %s', async (path) => {
    const response = await app.http.get(path);
    expect([response.status, response.body]).toEqual([200, { status: 'ok' }]);
  });
});

describe('a failure', () => {
  it('is a problem with all its members', async () => {
    const problem = expectProblem(await app.http.get(`/api/drops/${UNKNOWN_ID}`), 'drop-not-found');
    expectMembers(problem, PROBLEM_MEMBERS);
    expect(problem).toMatchObject({ title: 'Drop not found', instance: `/api/drops/${UNKNOWN_ID}` });
  });

  it('lists each invalid field once in errors', async () => {
    const response = await app.http.get('/api/drops?page=0&pageSize=many&status=gone');
    const problem = expectProblem(response, 'validation-failed');
    expectMembers(problem, [...PROBLEM_MEMBERS, 'errors']);
    expect(problem.errors).toEqual([
      { path: 'query.page', message: 'must be a whole number from 1 to 1000000' },
      { path: 'query.pageSize', message: 'must be a whole number from 1 to 100' },
      { path: 'query.status', message: 'must be one of: scheduled, live, sold_out, paused, ended, cancelled' },
    ]);
    expect(problem.detail).toBe(
      'Page must be a whole number from 1 to 1000000. Page size must be a whole number from 1 to 100. ' +
        'Status must be one of: scheduled, live, sold_out, paused, ended, cancelled',
    );
  });

  it('has a type that links to its explanation', async () => {
    const { type } = expectProblem(await app.http.get('/nowhere'), 'route-not-found');
    const { hash } = new URL(type as string);
    const page = await fetch(type as string);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await page.text()).toContain(`id="${hash.slice(1)}"`);
  });

  it('is explained on the error page for every code', async () => {
    const { text } = await app.http.get('/errors');
    const explained = [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(explained).toEqual(Object.keys(PROBLEMS));
  });

  it('shows no internals of an unexpected error', async () => {
    await app.database.query('ALTER TABLE purchases RENAME TO purchases_elsewhere');
    try {
      const response = await as(user, app.http.get('/api/purchases/mine'));
      expectMembers(expectProblem(response, 'internal-error'), PROBLEM_MEMBERS);
      expect(response.text).not.toMatch(/purchases_elsewhere|prisma|relation|at .*\.[jt]s/i);
    } finally {
      await app.database.query('ALTER TABLE purchases_elsewhere RENAME TO purchases');
    }
  });
});

describe('X-Request-Id', () => {
  const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

  it.each([
    ['a success', 'GET', '/api/drops'],
    ['an unknown route', 'GET', '/nowhere'],
    ['a wrong method', 'PATCH', '/api/drops'],
    ['an invalid request', 'GET', '/api/drops/1'],
    ['a request without a token', 'GET', '/api/users/me'],
    ['a page', 'GET', '/docs'],
    ['a file', 'GET', '/docs/assets/swagger-ui.css'],
    ['a missing image', 'GET', '/images/none.svg'],
    ['a preflight', 'OPTIONS', '/api/drops'],
    ['a request for the root', 'GET', '/'],
  ])('is in the response to %s', async (_what, method, path) => {
    const response = await fetch(app.url + path, { method, redirect: 'manual' });
    await response.arrayBuffer();
    expect(response.headers.get('x-request-id')).toMatch(UUID);
  });

  it('differs between requests', async () => {
    const [one, other] = [await app.http.get('/livez'), await app.http.get('/livez')];
    expect(one.headers['x-request-id']).not.toBe(other.headers['x-request-id']);
  });

  it.each(['a', 'my-id_1.2', 'x'.repeat(100)])('is taken from the request: %s', async (id) => {
    const response = await app.http.get('/nowhere').set('X-Request-Id', id);
    expect(expectProblem(response, 'route-not-found').requestId).toBe(id);
  });

  it.each(['two words', '<script>', 'x'.repeat(101), 'é', '"quoted"', 'a,b'])(
    'is new if the one in the request is invalid: %s',
    async (id) => {
      const response = await app.http.get('/livez').set('X-Request-Id', id);
      expect(response.headers['x-request-id']).toMatch(UUID);
    },
  );
});

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SoldOutError, STOCK_PROBLEMS } from '../../../src/inventory/inventory-errors.js';
import { HTTP_PROBLEMS } from '../../../src/lib/errors/index.js';
import { ACCOUNT_PROBLEMS } from '../../../src/modules/auth/auth.errors.js';
import { PROBLEMS } from '../../../src/modules/problems.js';
import { createFailureLog } from '../../../src/lib/failure-log.js';
import { defineRoute, problemsOf, type Access, type Route } from '../../../src/lib/http/define-route.js';
import { createSendProblem } from '../../../src/lib/http/problem-response.js';
import { createEndpoint } from '../../../src/lib/http/serve-route.js';
import { createRoutes } from '../../../src/modules/index.js';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { UNKNOWN_ID } from '../http/support.js';

/** Every route of the service with its access. A new route needs a line here. */
const ACCESS: Readonly<Record<string, Access>> = {
  'POST /api/users/register': 'public',
  'POST /api/users/login': 'public',
  'GET /api/users/me': 'user',
  'GET /api/users/:id': 'user',
  'GET /api/drops': 'public',
  'GET /api/drops/:id': 'public',
  'GET /api/drops/:id/movements': 'public',
  'POST /api/drops': 'admin',
  'POST /api/reservations': 'token',
  'GET /api/reservations': 'user',
  'DELETE /api/reservations/:id': 'user',
  'POST /api/purchases': 'user',
  'GET /api/purchases/mine': 'user',
  'GET /api/health': 'public',
  'GET /livez': 'public',
  'GET /readyz': 'public',
};
const NAMES = Object.keys(ACCESS);
const namesWith = (...access: Access[]) => NAMES.filter((name) => access.includes(ACCESS[name] ?? 'public'));
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'];
/** Codes that do not belong to a route. */
const UNROUTED_PROBLEMS = ['route-not-found', 'method-not-allowed', 'request-timeout', 'headers-too-large'];

let app: TestApp;
let user: TestUser;
let admin: TestUser;
let routes: readonly Route[];

beforeAll(async () => {
  app = await startTestApp();
  [user, admin] = [await app.createUser(), await app.createUser('admin')];
  routes = createRoutes(app.context);
});
afterAll(() => app.close());

const codesOf = (route: Route) => problemsOf(route).map(({ code }) => code);
const nameOf = ({ method, path }: Route) => `${method.toUpperCase()} ${path}`;

/** Sends a request without a body; path parameters are a UUID that no row has. */
async function call(name: string, token?: string) {
  const [method = '', path = ''] = name.split(' ');
  const response = await fetch(app.url + path.replace(/:\w+/g, UNKNOWN_ID), {
    method,
    headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text || '{}') as { code?: string } };
}

describe('every route', () => {
  it('is listed in this test with its access', () => {
    expect(Object.fromEntries(routes.map((route) => [nameOf(route), route.access]))).toEqual(ACCESS);
  });

  it('has a description of itself and of its success response', () => {
    for (const { operationId, summary, description, tag, success } of routes) {
      const texts = { operationId, summary, description, tag, success: success.description };
      for (const [member, text] of Object.entries(texts)) expect([operationId, member, text.trim()]).not.toContain('');
    }
  });

  it('declares each problem once', () => {
    for (const route of routes) {
      const codes = codesOf(route);
      expect([nameOf(route), codes]).toEqual([nameOf(route), [...new Set(codes)]]);
    }
  });

  it('declares its problems; together they cover the whole problem table', () => {
    const declared = new Set<string>([...routes.flatMap(codesOf), ...UNROUTED_PROBLEMS]);
    expect(Object.keys(PROBLEMS).filter((code) => !declared.has(code))).toEqual([]);
  });

  it('declares only problems of that table, whose parts have no code in common', () => {
    expect(routes.flatMap(codesOf).filter((code) => !(code in PROBLEMS))).toEqual([]);
    const parts = [HTTP_PROBLEMS, ACCOUNT_PROBLEMS, STOCK_PROBLEMS].flatMap((part) => Object.keys(part));
    expect(parts.sort()).toEqual(Object.keys(PROBLEMS).sort());
  });
});

describe('a request without a token', () => {
  it.each(namesWith('token', 'user', 'admin'))('gets 401 from %s', async (name) => {
    const { status, headers, body } = await call(name);
    expect([status, body.code, headers.get('www-authenticate')]).toEqual([401, 'unauthenticated', 'Bearer']);
  });

  it.each(namesWith('public'))('does not get 401 from %s', async (name) => {
    expect((await call(name)).status).not.toBe(401);
  });
});

describe('Cache-Control: no-store', () => {
  /** Their responses contain a token. */
  const SIGN_IN = ['POST /api/users/register', 'POST /api/users/login'];

  it.each([...namesWith('token', 'user', 'admin'), ...SIGN_IN])('is sent by %s, with problems too', async (name) => {
    for (const token of [undefined, 'bad', user.token, admin.token]) {
      const { headers } = await call(name, token);
      expect([token, headers.get('cache-control')]).toEqual([token, 'no-store']);
    }
  });

  it('is not sent by public routes', async () => {
    for (const name of namesWith('public').filter((name) => !SIGN_IN.includes(name))) {
      const { headers } = await call(name);
      expect([name, headers.get('cache-control')]).toEqual([name, null]);
    }
  });
});

describe('a request of a user without the admin role', () => {
  it.each(namesWith('admin'))('gets 403 from %s', async (name) => {
    const { status, body } = await call(name, user.token);
    expect([status, body.code]).toEqual([403, 'forbidden']);
  });
});

describe('a request with a method that the path does not have', () => {
  const paths = [...new Set(NAMES.map((name) => name.split(' ')[1] ?? ''))];
  const refused = paths.flatMap((path) => {
    const allowed = NAMES.filter((name) => name.endsWith(` ${path}`)).flatMap((name) =>
      name.startsWith('GET') ? ['GET', 'HEAD'] : [name.split(' ')[0] ?? ''],
    );
    const others = METHODS.filter((method) => !allowed.includes(method));
    return others.map((method) => ({ method, path, allowed: allowed.sort() }));
  });

  it.each(refused)('gets 405 and the allowed methods: $method $path', async ({ method, path, allowed }) => {
    const { status, headers, body } = await call(`${method} ${path}`);
    expect([status, body.code]).toEqual([405, 'method-not-allowed']);
    expect(headers.get('allow')?.split(', ').sort()).toEqual(allowed);
  });
});

// Every test app checks that its routes declare their problems, so that each test of a refusal also checks the declaration.
describe('a problem', () => {
  async function responseOf(problems: readonly 'sold-out'[], checkResponses: boolean) {
    const lines: string[] = [];
    const write = (chunk: Buffer, _encoding: string, done: () => void) => {
      lines.push(chunk.toString());
      done();
    };
    const logger = pino(new Writable({ write }));
    const failures = createFailureLog(logger);
    const route = defineRoute({
      method: 'get',
      path: '/refused',
      operationId: 'refuse',
      tag: 'Tests',
      summary: 'Refuse',
      description: 'Always refused.',
      access: 'public',
      success: { status: 200, description: 'Never.', data: z.null() },
      problems: problems.map((code) => PROBLEMS[code]),
      handler: () => {
        throw new SoldOutError();
      },
    });
    const sendProblem = createSendProblem({ publicUrl: 'http://localhost', logger, failures });
    const { serve } = createEndpoint(route, { ...app.context, sendProblem, checkResponses });
    const server = createServer((req, res) => void serve(req, res, {})).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/refused`);
      return { code: ((await response.json()) as { code: string }).code, log: lines.join('') };
    } finally {
      server.close();
      failures.close();
    }
  }

  it('becomes a 500 in tests if its route does not declare it, and the log names code and route', async () => {
    const { code, log } = await responseOf([], true);
    expect(code).toBe('internal-error');
    expect(log).toContain('GET /refused does not declare the problem sold-out');
  });

  it('is returned unchanged if its route declares it, and always in production', async () => {
    expect(await responseOf(['sold-out'], true)).toEqual({ code: 'sold-out', log: '' });
    expect(await responseOf([], false)).toEqual({ code: 'sold-out', log: '' });
  });
});

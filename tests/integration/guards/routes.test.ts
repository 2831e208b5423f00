import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SoldOutError, STOCK_PROBLEMS } from '../../../src/inventory/inventory-errors.js';
import { HTTP_PROBLEMS } from '../../../src/lib/errors/index.js';
import { CLOSING_PROBLEMS } from '../../../src/modules/accounts/accounts.errors.js';
import { ACCOUNT_PROBLEMS } from '../../../src/modules/auth/auth.errors.js';
import { PROBLEMS } from '../../../src/modules/problems.js';
import { createFailureLog } from '../../../src/lib/failure-log.js';
import { defineRoute, problemsOf, type Route } from '../../../src/lib/http/define-route.js';
import { exchangeOf } from '../../../src/lib/http/exchange.js';
import { createSendProblem } from '../../../src/lib/http/problem-response.js';
import { createEndpoint } from '../../../src/lib/http/serve-route.js';
import { createRoutes } from '../../../src/modules/index.js';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { UNKNOWN_ID } from '../http/support.js';

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
const differs = (answers: readonly { readonly status: number }[]) =>
  new Set(answers.map(({ status }) => status)).size > 1;
const nameOf = ({ method, path }: Route) => `${method.toUpperCase()} ${path}`;

/** Sends a request without a body. @param id the path parameters; by default a UUID that no row has. */
async function call(name: string, token?: string, id = UNKNOWN_ID) {
  const [method = '', path = ''] = name.split(' ');
  const response = await fetch(app.url + path.replace(/:\w+/g, id), {
    method,
    headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text || '{}') as { code?: string } };
}

describe('every route', () => {
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
    const parts = [HTTP_PROBLEMS, ACCOUNT_PROBLEMS, CLOSING_PROBLEMS, STOCK_PROBLEMS].flatMap((part) =>
      Object.keys(part),
    );
    expect(parts.sort()).toEqual(Object.keys(PROBLEMS).sort());
  });
});

describe('Cache-Control: no-store', () => {
  const dependsOnToken = ({ access, returnsToken = false }: Route) => access !== 'public' || returnsToken;

  it('is sent by every route whose response depends on a token or contains one, with problems too', async () => {
    for (const route of routes.filter(dependsOnToken)) {
      for (const token of [undefined, 'bad', user.token, admin.token]) {
        const { headers } = await call(nameOf(route), token);
        expect([nameOf(route), token, headers.get('cache-control')]).toEqual([nameOf(route), token, 'no-store']);
      }
    }
  });

  it('is sent by public routes where the token makes a difference, and by no others', async () => {
    // Requests of other tests have ended the tokens that all share.
    const tokens = [undefined, 'bad', (await app.createUser()).token, (await app.createUser('admin')).token];
    const published = await app.createDrop();
    const draft = await app.createDrop({ published_at: null });
    for (const route of routes.filter((route) => !dependsOnToken(route))) {
      for (const id of route.path.includes(':') ? [UNKNOWN_ID, published, draft] : [UNKNOWN_ID]) {
        const answers: { status: number; cacheControl: string | null }[] = [];
        for (const token of tokens) {
          const { status, headers } = await call(nameOf(route), token, id);
          answers.push({ status, cacheControl: headers.get('cache-control') });
        }
        const isRefused = answers.some(({ status }) => status >= 400);
        const expected = isRefused && (route.hidden || differs(answers)) ? 'no-store' : null;
        expect([nameOf(route), id, answers.map(({ cacheControl }) => cacheControl)]).toEqual([
          nameOf(route),
          id,
          answers.map(() => expected),
        ]);
        expect([nameOf(route), differs(answers)]).toEqual([nameOf(route), id === draft && route.hidden !== undefined]);
      }
    }
  });

  it('is required of the routes that sign in', () => {
    const returning = routes.filter(({ returnsToken }) => returnsToken).map(nameOf);
    expect(returning).toEqual(expect.arrayContaining(['POST /api/users/register', 'POST /api/users/login']));
  });
});

describe('a request with a method that the path does not have', () => {
  it('gets 405 and the allowed methods', async () => {
    for (const path of new Set(routes.map((route) => route.path))) {
      const own = routes.filter((route) => route.path === path).map(({ method }) => method.toUpperCase());
      const allowed = [...own, ...(own.includes('GET') ? ['HEAD'] : [])].sort();
      for (const method of METHODS.filter((method) => !allowed.includes(method))) {
        const { status, headers, body } = await call(`${method} ${path}`);
        const answer = [method, path, status, body.code, headers.get('allow')?.split(', ').sort()];
        expect(answer).toEqual([method, path, 405, 'method-not-allowed', allowed]);
      }
    }
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
      owner: 'none',
      success: { status: 200, description: 'Never.', data: z.null() },
      problems: problems.map((code) => PROBLEMS[code]),
      handler: () => {
        throw new SoldOutError('sold_out');
      },
    });
    const sendProblem = createSendProblem({ publicUrl: 'http://localhost', logger, failures });
    const { serve } = createEndpoint(route, { ...app.context, sendProblem, checkResponses });
    const server = createServer((req, res) => void serve(exchangeOf(req, res), {})).listen(0, '127.0.0.1');
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

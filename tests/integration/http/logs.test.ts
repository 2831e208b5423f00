import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/lib/logger.js';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { as, expectProblem, expectSuccess } from './support.js';

let app: TestApp;
let lines: string[] = [];

beforeAll(async () => {
  const logger = createLogger({ logLevel: 'trace' }, { destination: { write: (line) => void lines.push(line) } });
  app = await startTestApp({ logger });
});
afterEach(() => {
  lines = [];
});
afterAll(() => app.close());

const PASSWORD = 'a-secret-that-must-not-be-logged';
const post = (path: string, body: object | string) => app.http.post(path).type('json').send(body);

async function hashOf(username: string): Promise<string> {
  const { rows } = await app.database.query<{ hash: string }>(
    'SELECT password_hash AS hash FROM users WHERE username = $1',
    [username],
  );
  return rows[0]?.hash ?? '';
}

/** Expects log lines without any of the secrets. */
function expectNotLogged(...secrets: string[]): void {
  expect(lines.length).toBeGreaterThan(0);
  for (const secret of [PASSWORD, ...secrets]) {
    expect(secret.length).toBeGreaterThan(10);
    expect(lines.filter((line) => line.includes(secret))).toEqual([]);
  }
  expect(lines.filter((line) => /\$2[aby]\$\d\d\$/.test(line))).toEqual([]);
}

describe('no password, hash or token is logged', () => {
  it('during registration, sign-in and use of the token', async () => {
    const body = { username: 'quiet', email: 'quiet@example.com', password: PASSWORD };
    const registered = expectSuccess(await post('/api/users/register', body), 201).data;
    const signedIn = expectSuccess(await post('/api/users/login', body), 200).data;
    expectSuccess(await as(signedIn, app.http.get('/api/users/me')), 200);
    expect(lines.length).toBeGreaterThanOrEqual(3);
    expectNotLogged(registered.token, signedIn.token, await hashOf('quiet'));
  });

  it('when registration or sign-in fails', async () => {
    await post('/api/users/register', { username: '!', email: 'x', password: PASSWORD });
    await post('/api/users/register', { username: 'quiet', email: 'quiet@example.com', password: PASSWORD });
    await post('/api/users/login', { email: 'quiet@example.com', password: `${PASSWORD}!` });
    await post('/api/users/login', `{"password":"${PASSWORD}"`);
    await post('/api/users/login', { password: PASSWORD.repeat(1000) });
    await app.http.get('/api/users/me').auth(`${PASSWORD}.x.y`, { type: 'bearer' });
    expectNotLogged();
  });

  it('when an unexpected error prevents an account from being saved', async () => {
    await app.database.query(`ALTER TABLE users ADD CONSTRAINT "unforeseen" CHECK (username <> 'unlucky')`);
    const body = { username: 'unlucky', email: 'unlucky@example.com', password: PASSWORD };
    expectProblem(await post('/api/users/register', body), 'internal-error');
    expectNotLogged();
  });

  it('when the table does not match the code', async () => {
    await app.database.query('ALTER TABLE users RENAME COLUMN password_hash TO hash');
    try {
      const body = { username: 'another', email: 'another@example.com', password: PASSWORD };
      expectProblem(await post('/api/users/register', body), 'internal-error');
      expectProblem(await post('/api/users/login', body), 'internal-error');
      expectNotLogged();
    } finally {
      await app.database.query('ALTER TABLE users RENAME COLUMN hash TO password_hash');
    }
  });
});

interface Line {
  readonly level: number;
  readonly msg: string;
  readonly requestId?: string;
  readonly code?: string;
  readonly err?: { readonly message: string };
}
/** Log levels of pino. */
const [DEBUG, ERROR] = [20, 50];
const parsed = () => lines.map((line) => JSON.parse(line) as Line);

describe('the log', () => {
  it('has an error line for an unexpected error, with the cause and the request id of the response', async () => {
    await app.database.query('ALTER TABLE drops RENAME COLUMN name TO title');
    try {
      const { requestId } = expectProblem(await app.http.get('/api/drops'), 'internal-error');
      const errors = parsed().filter(({ level }) => level >= ERROR);
      expect(errors).toMatchObject([{ requestId, code: 'internal-error', err: { message: expect.any(String) } }]);
    } finally {
      await app.database.query('ALTER TABLE drops RENAME COLUMN title TO name');
    }
  });

  it('has a debug line for each request, with its id, method, path without the query, and status', async () => {
    await app.http.get('/api/drops?page=2').set('X-Request-Id', 'mine').expect(200);
    expect(parsed()).toEqual([
      expect.objectContaining({ level: DEBUG, requestId: 'mine', method: 'GET', path: '/api/drops', status: 200 }),
    ]);
    expect(lines.join('')).not.toContain('page=2');
  });

  it('has no line for a client that disconnects while it sends the body', async () => {
    const user = await app.createUser();
    const { port } = new URL(app.url);
    const socket = connect(Number(port), '127.0.0.1');
    const head = ['POST /api/reservations HTTP/1.1', 'Host: x', `Authorization: Bearer ${user.token}`];
    socket.write([...head, 'Content-Type: application/json', 'Content-Length: 100', '', '{"dropId":'].join('\r\n'));
    await sleep(100);
    socket.destroy();
    await sleep(100);
    await app.http.get('/livez').expect(200);
    expect(parsed()).toMatchObject([{ level: DEBUG, path: '/livez' }]);
  });

  it('has no line above debug for client errors', async () => {
    await app.http.get('/nowhere');
    await app.http.get('/api/users/me');
    await post('/api/users/login', '{');
    expect(parsed().map(({ level }) => level)).toEqual([DEBUG, DEBUG, DEBUG]);
  });
});

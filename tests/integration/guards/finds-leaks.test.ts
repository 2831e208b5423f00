import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, TEST_PASSWORD, type TestApp, type TestUser } from '../../helpers/app.js';
import { takeFindings } from '../../helpers/leaks/findings.js';
import { searchOutput } from '../../helpers/leaks/search-logs.js';
import { listenTo, receivedAll } from '../../helpers/sockets.js';
import { as, editDrop } from '../http/support.js';

// All responses, socket packets and log lines of the tests are searched: tests/helpers/leaks. Here they contain what they must not.

let app: TestApp;
let user: TestUser;
let other: TestUser;
let admin: TestUser;

beforeAll(async () => {
  app = await startTestApp();
  [user, other, admin] = [await app.createUser(), await app.createUser(), await app.createUser('admin')];
});
afterAll(() => app.close());

async function hashOf({ id }: TestUser): Promise<string> {
  const { rows } = await app.database.query<{ hash: string }>('SELECT password_hash AS hash FROM users WHERE id = $1', [
    id,
  ]);
  return rows[0]?.hash ?? '';
}

/** Sends GET of a drop with this image, which everyone may see. */
async function showDrop(image: string): Promise<void> {
  const dropId = await app.createDrop();
  await editDrop(app, dropId, `image_url = '/images/${image}'`);
  await as(user, app.http.get(`/api/drops/${dropId}`)).expect(200);
}

const found = () => takeFindings().map(({ kind, where }) => `${kind} in ${where.replace(/[0-9a-f-]{36}/, ':id')}`);

describe('in a response', () => {
  it('a hash is found', async () => {
    await showDrop(await hashOf(other));
    expect(found()).toEqual(['hash in the response 200 to GET /api/drops/:id']);
  });

  it('a token is found, that of the client as well', async () => {
    await showDrop(user.token);
    expect(found()).toEqual(['token in the response 200 to GET /api/drops/:id']);
  });

  it('a password is found', async () => {
    await showDrop(TEST_PASSWORD);
    expect(found()).toEqual(['password in the response 200 to GET /api/drops/:id']);
  });

  it('the e-mail of another user is found, and that of the client in a response for all', async () => {
    await showDrop(other.email);
    await showDrop(user.email);
    expect(found()).toEqual(Array(2).fill('e-mail in the response 200 to GET /api/drops/:id'));
  });

  it('the e-mail of another user is found in place of the own one', async () => {
    const [mixedUp, victim] = await app.createUsers(2);
    if (!mixedUp || !victim) throw new Error('no users were created');
    await app.database.query(`UPDATE users SET email = 'former-' || email WHERE id = $1`, [victim.id]);
    await app.database.query('UPDATE users SET email = $2 WHERE id = $1', [mixedUp.id, victim.email]);
    await as(mixedUp, app.http.get('/api/users/me')).expect(200);
    expect(found()).toEqual(['e-mail in the response 200 to GET /api/users/me']);
  });

  it('the path of a request may be in its refusal', async () => {
    const path = `/api/users/${encodeURIComponent(other.email)}/disable`;
    await as(admin, app.http.post(path)).send({}).expect(400);
    await app.http.get(`/${user.token}`).expect(404);
    expect(found()).toEqual([]);
  });

  it('a user’s own e-mail, and those that an admin requests, are allowed', async () => {
    await as(user, app.http.get('/api/users/me')).expect(200);
    await as(user, app.http.get(`/api/users/${user.id}`)).expect(200);
    await as(admin, app.http.get(`/api/users/${other.id}`)).expect(200);
    await as(admin, app.http.post(`/api/users/${other.id}/enable`))
      .send({})
      .expect(200);
    await app.http.post('/api/users/login').send({ email: user.email, password: TEST_PASSWORD }).expect(200);
    await as(user, app.http.get(`/api/users/${other.id}`)).expect(403);
    expect(found()).toEqual([]);
  });
});

describe('in a packet to a socket', () => {
  it('an e-mail and a token are found', async () => {
    const listener = await listenTo(app, { token: user.token });
    for (const username of [user.email, other.token]) {
      const dropId = await app.createDrop();
      app.context.publish('purchase_update', { dropId, username, purchasedAt: new Date().toISOString() });
    }
    await receivedAll(app, listener);
    listener.close();
    const kinds = takeFindings().filter(({ where }) => where.includes('purchase_update'));
    expect(kinds.map(({ kind }) => kind)).toEqual(['e-mail', 'token']);
  });
});

describe('in a log line', () => {
  it('tokens, hashes and e-mails are found, unless the logger redacts them', async () => {
    const secrets = { found: user.token, both: `${await hashOf(user)} ${user.email}` };
    app.context.logger.warn(secrets, 'A planted leak');
    expect(found(), 'the logger of the service').toEqual([]);

    const logger = pino({ level: 'warn' }, { write: () => undefined });
    const unprotected = await startTestApp({ database: app.database, logger });
    logger.warn(secrets, 'A planted leak');
    await unprotected.close();
    expect(found().sort()).toEqual(['e-mail in a log line', 'hash in a log line', 'token in a log line']);
  });

  it('a password of the latest requests is found', async () => {
    const password = 'planted in a request 5';
    await app.http.post('/api/users/login').send({ email: 'unknown', password }).expect(401);
    app.context.logger.debug(`Tried ${password}`);
    expect(found()).toEqual(['password in a log line']);
  });
});

describe('in the output of another process', () => {
  it('what is in one line is found, but for the demo accounts', () => {
    const search = searchOutput('main', false);
    for (const chunk of ['admin@techzu.com\n', user.token.slice(0, 50), `${user.token.slice(50)}\n${user.email}\n`])
      search(chunk);
    expect(found()).toEqual(['token in the output of main', 'e-mail in the output of main']);
  });
});

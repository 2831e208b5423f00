import { once } from 'node:events';
import { connect } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { as, expectInvalid, expectProblem, UNKNOWN_ID } from './support.js';

let app: TestApp;
let user: TestUser;
let admin: TestUser;

beforeAll(async () => {
  app = await startTestApp();
  [user, admin] = [await app.createUser(), await app.createUser('admin')];
});
afterAll(() => app.close());

/** Sends a reservation with this exact body. The drop does not exist, so a body that was read results in 404. */
async function send(body: string | Buffer, headers: Readonly<Record<string, string>> = {}) {
  // Prevents a second serialization, whatever the content type.
  const request = as(user, app.http.post('/api/reservations')).serialize((data: string) => data);
  return request.set({ 'Content-Type': 'application/json', ...headers }).send(body);
}

const VALID_BODY = JSON.stringify({ dropId: UNKNOWN_ID });

/** Returns a valid body of exactly this many bytes. */
function bodyOf(bytes: number): string {
  const body = (filler: string) => JSON.stringify({ dropId: UNKNOWN_ID, filler });
  return body('x'.repeat(bytes - body('').length));
}

describe('content type', () => {
  it.each(['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON;charset="UTF-8"'])(
    '%s is accepted',
    async (type) => {
      expectProblem(await send(VALID_BODY, { 'Content-Type': type }), 'drop-not-found');
    },
  );

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/vnd.api+json',
    'application/json-seq',
    'application/json; charset=latin1',
    'application/json; charset=klingon',
    ';;',
  ])('%s is refused', async (type) => {
    expectProblem(await send(VALID_BODY, { 'Content-Type': type }), 'unsupported-media-type');
  });

  it('is required', async () => {
    const request = {
      method: 'POST',
      headers: { Authorization: `Bearer ${user.token}` },
      body: Buffer.from(VALID_BODY),
    };
    const response = await fetch(`${app.url}/api/reservations`, request);
    expect([response.status, await response.json()]).toMatchObject([415, { code: 'unsupported-media-type' }]);
  });
});

describe('a JSON body is rejected', () => {
  it.each(['{', '{"dropId":"a",}', "{'dropId':'a'}", '{"dropId":"a"} {}', 'undefined', '\u0000', '{"a":"\n"}', '[1,'])(
    'when it is malformed: %j',
    async (body) => {
      const problem = expectProblem(await send(body), 'malformed-json');
      expect(problem.detail).toBe('The request is not valid JSON');
    },
  );

  it.each(['5', '"text"', 'null', 'true', '[]', '[{"dropId":"a"}]'])('when it is not an object: %s', async (body) => {
    const response = await send(body);
    expectInvalid(response, 'body');
    expect(response.body.detail).toBe('The request must be a JSON object');
  });

  it.each([
    ['{}', {}],
    ['', { 'Content-Length': '0' }],
  ])('when it is empty: %j', async (body, headers) => {
    expectInvalid(await send(body, headers), 'body.dropId');
  });

  it('when it is missing', async () => {
    expectInvalid(await as(user, app.http.post('/api/reservations')), 'body');
  });

  it.each([
    ['lists', '['.repeat(8_000) + ']'.repeat(8_000)],
    ['objects', `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`],
  ])('when %s are nested too deeply', async (_, body) => {
    const response = await send(body);
    expectInvalid(response, 'body');
    expect(response.body.errors).toEqual([{ path: 'body', message: 'is nested too deeply' }]);
  });

  it.each([
    ['members', `{${Array.from({ length: 257 }, (_, index) => `"m${index}":1`).join()}}`],
    ['items', `{"dropId":[${'1,'.repeat(256)}1]}`],
    ['objects', `[${'{},'.repeat(200)}{}]`],
  ])('when it has too many %s', async (_, body) => {
    const response = await send(body);
    expectInvalid(response, 'body');
    expect(response.body.errors).toEqual([{ path: 'body', message: 'must have at most 256 values' }]);
  });

  it('when it only has members of Object.prototype', async () => {
    expectInvalid(await send('{"__proto__":{"dropId":"a"},"constructor":1}'), 'body.dropId');
  });
});

describe('a body', () => {
  it('of 16 kB is accepted', async () => {
    const body = bodyOf(16_384);
    expect(Buffer.byteLength(body)).toBe(16_384);
    expectProblem(await send(body), 'drop-not-found');
  });

  it('may contain brackets in text, and 32 levels', async () => {
    const text = JSON.stringify('[{"\\'.repeat(100));
    const body = `{"dropId":"${UNKNOWN_ID}","a":${text},"b":${'['.repeat(31)}${text}${']'.repeat(31)}}`;
    expectProblem(await send(body), 'drop-not-found');
  });

  it('may have 250 members that no route reads, and any number of commas in text', async () => {
    const members = Array.from(
      { length: 250 },
      (_, index) => `"m${index}":${index === 0 ? `"${','.repeat(1_000)}"` : 1}`,
    );
    expectProblem(await send(`{"dropId":"${UNKNOWN_ID}",${members.join()}}`), 'drop-not-found');
  });

  it('of 16 kB and one byte is refused', async () => {
    expectProblem(await send(bodyOf(16_385)), 'payload-too-large');
  });

  it.each(['gzip', 'deflate', 'br'])('is measured after decompression: %s', async (encoding) => {
    const compress = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync }[encoding] ?? gzipSync;
    const compressed = compress(Buffer.alloc(5_000_000, ' '));
    expect(compressed.byteLength).toBeLessThan(16_384);
    expectProblem(await send(compressed, { 'Content-Encoding': encoding }), 'payload-too-large');
    expectProblem(await send(compress(VALID_BODY), { 'Content-Encoding': encoding }), 'drop-not-found');
  });

  it('that is too large is refused without a Content-Length too', async () => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(Buffer.from(bodyOf(20_000)));
        controller.close();
      },
    });
    const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${user.token}` };
    const request = { method: 'POST', headers, body, duplex: 'half' as const };
    expect((await fetch(`${app.url}/api/reservations`, request)).status).toBe(413);
  });
});

/** Writes this over a connection of its own, and returns all that the service sent until it closed the connection. */
async function exchange(text: string): Promise<string> {
  const socket = connect({ port: Number(new URL(app.url).port), host: '127.0.0.1', allowHalfOpen: true });
  socket.write(text);
  let received = '';
  socket.on('data', (chunk: Buffer) => {
    received += String(chunk);
  });
  await once(socket, 'end');
  socket.destroy();
  return received;
}

const head = (...headers: string[]) =>
  [`POST /api/reservations HTTP/1.1`, 'Host: x', 'Content-Type: application/json', ...headers, '', ''].join('\r\n');
const authorization = () => `Authorization: Bearer ${user.token}`;

// The rest of these bodies never arrives: a service that waits for it would not respond.
describe('the rest of a body that is too large is not read', () => {
  it('after its announced length', async () => {
    const response = await exchange(head(authorization(), 'Content-Length: 16385'));
    expect(response).toMatch(/^HTTP\/1\.1 413 .*"code":"payload-too-large"/s);
  });

  it.each(['identity', 'gzip'])('after 16 kB of it without a length: %s', async (encoding) => {
    const start = head(authorization(), 'Transfer-Encoding: chunked', `Content-Encoding: ${encoding}`);
    const response = await exchange(`${start}4001\r\n${' '.repeat(0x4001)}\r\n`);
    expect(response).toMatch(/^HTTP\/1\.1 413 .*Connection: close.*"code":"payload-too-large"/is);
  });

  it.each(['Content-Length: 16385', 'Transfer-Encoding: chunked'])('after another problem: %s', async (length) => {
    expect(await exchange(head(length))).toMatch(/^HTTP\/1\.1 401 .*Connection: close/is);
  });

  it('if the client waits for 100 Continue', async () => {
    const response = await exchange(head(authorization(), 'Content-Length: 16385', 'Expect: 100-continue'));
    expect(response).toMatch(/^HTTP\/1\.1 413 /);
    const body = `${VALID_BODY}GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
    const small = head(authorization(), `Content-Length: ${VALID_BODY.length}`, 'Expect: 100-continue');
    expect(await exchange(small + body)).toMatch(/^HTTP\/1\.1 100 .*HTTP\/1\.1 404 .*HTTP\/1\.1 200 /s);
  });
});

it('a small body that is not needed leaves its connection open', async () => {
  const refused = `${head(`Content-Length: ${VALID_BODY.length}`)}${VALID_BODY}`;
  const next = 'GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
  expect(await exchange(refused + next)).toMatch(/^HTTP\/1\.1 401 .*HTTP\/1\.1 200 /s);
});

describe('a body with a content encoding', () => {
  it('that is unknown is refused', async () => {
    expectProblem(await send(VALID_BODY, { 'Content-Encoding': 'zip' }), 'unsupported-media-type');
  });

  it.each([
    ['broken', Buffer.from(VALID_BODY)],
    ['cut off', gzipSync(VALID_BODY).subarray(0, 20)],
  ])('and %s content is a validation error', async (_how, body) => {
    const response = await send(body, { 'Content-Encoding': 'gzip' });
    expectInvalid(response, 'body');
    expect(response.body.detail).toBe('The request cannot be read');
    expect(response.body.errors[0].message).toMatch(/^cannot be read \(/);
  });
});

describe('a NUL character is rejected', () => {
  it.each([
    ['/api/users/login', { email: 'a\0@example.com', password: 'secret' }, 'body.email'],
    ['/api/users/login', { email: 'a@example.com', password: 'sec\0ret' }, 'body.password'],
    ['/api/users/register', { username: 'a\0b', email: 'a@example.com', password: 'secret' }, 'body.username'],
    ['/api/users/register', { username: 'abc', email: 'a\0@example.com', password: 'secret' }, 'body.email'],
    ['/api/users/register', { username: 'abc', email: 'a@example.com', password: 'sec\0ret' }, 'body.password'],
    ['/api/drops', { name: 'a\0b', price: 1, totalStock: 1 }, 'body.name'],
    ['/api/drops', { name: 'a', price: 1, totalStock: 1, imageUrl: '/a\0b' }, 'body.imageUrl'],
    ['/api/drops', { name: 'a', price: '1\0', totalStock: 1 }, 'body.price'],
    ['/api/reservations', { dropId: `${UNKNOWN_ID}\0` }, 'body.dropId'],
    ['/api/purchases', { reservationId: `\0${UNKNOWN_ID.slice(1)}` }, 'body.reservationId'],
  ])('in %s %j', async (path, body, field) => {
    expectInvalid(await as(admin, app.http.post(path)).send(body), field);
  });

  it.each([`/api/drops/${UNKNOWN_ID}%00`, `/api/drops/%00`])('in %s', async (path) => {
    expectInvalid(await app.http.get(path), 'params.id');
  });
});

describe('an invalid UUID is rejected', () => {
  const INVALID_IDS = [
    '',
    '1',
    'x'.repeat(36),
    UNKNOWN_ID.slice(1),
    `{${UNKNOWN_ID}}`,
    UNKNOWN_ID.replaceAll('-', ''),
    `${UNKNOWN_ID} `,
  ];

  it.each([...INVALID_IDS, null, 5, [UNKNOWN_ID], { id: UNKNOWN_ID }])('in a body: %j', async (id) => {
    expectInvalid(await as(user, app.http.post('/api/reservations')).send({ dropId: id }), 'body.dropId');
    expectInvalid(await as(user, app.http.post('/api/purchases')).send({ reservationId: id }), 'body.reservationId');
  });

  it.each(INVALID_IDS.filter((id) => id !== ''))('in a path: %j', async (id) => {
    const segment = encodeURIComponent(id);
    expectInvalid(await app.http.get(`/api/drops/${segment}`), 'params.id');
    expectInvalid(await as(user, app.http.get(`/api/users/${segment}`)), 'params.id');
    expectInvalid(await as(user, app.http.delete(`/api/reservations/${segment}`)), 'params.id');
  });

  it('but a UUID in upper case is valid', async () => {
    const dropId = await app.createDrop();
    const response = await app.http.get(`/api/drops/${dropId.toUpperCase()}`);
    expect(response.body.data.id).toBe(dropId);
  });
});

it('a path that cannot be decoded is rejected', async () => {
  const response = await app.http.get('/api/drops/%E0%A4%A');
  expectInvalid(response, 'path');
  expect(response.body.detail).toBe('The address cannot be read');
  expect(response.body.errors[0].message).toBe("cannot be read (Failed to decode param '%E0%A4%A')");
});

it('the token is checked before the body is read', async () => {
  expectProblem(await app.http.post('/api/reservations').send('not JSON'), 'unauthenticated');
});

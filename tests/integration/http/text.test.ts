import { gzipSync } from 'node:zlib';
import bcrypt from 'bcryptjs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { as, expectInvalid, expectProblem, expectSuccess, UNKNOWN_ID } from './support.js';

let app: TestApp;
let admin: TestUser;

beforeAll(async () => {
  app = await startTestApp();
  admin = await app.createUser('admin');
});
afterAll(() => app.close());

/** Creates a drop with this exact body. */
async function createRaw(body: string | Buffer, headers: Readonly<Record<string, string>> = {}) {
  const request = as(admin, app.http.post('/api/drops')).serialize((data: string) => data);
  return request.set({ 'Content-Type': 'application/json', ...headers }).send(body);
}

const create = (name: string) => as(admin, app.http.post('/api/drops')).send({ name, price: 1, totalStock: 1 });

/** Returns a body whose name contains `bytes`. */
function bodyWith(bytes: readonly number[]): Buffer {
  return Buffer.concat([Buffer.from('{"price":1,"totalStock":1,"name":"a'), Buffer.from(bytes), Buffer.from('z"}')]);
}

const countOfDrops = async () =>
  (await app.database.query<{ count: number }>('SELECT count(*)::int FROM drops')).rows[0]?.count;

const NOT_UTF8: [string, number[]][] = [
  ['a byte that never occurs', [0xff]],
  ['a continuation byte alone', [0x80]],
  ['Latin-1', [0xe9]],
  ['an overlong slash', [0xc0, 0xaf]],
  ['an overlong NUL', [0xc0, 0x80]],
  ['an overlong form of three bytes', [0xe0, 0x80, 0xaf]],
  ['a character that is cut off', [0xe2, 0x82]],
  ['half a surrogate pair', [0xed, 0xa0, 0x80]],
  ['a whole surrogate pair, as CESU-8', [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]],
  ['a code point beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
];

describe('a body', () => {
  it.each(NOT_UTF8)('that is not UTF-8 is rejected and stores nothing: %s', async (_what, bytes) => {
    const before = await countOfDrops();
    expectInvalid(await createRaw(bodyWith(bytes)), 'body');
    expectInvalid(await createRaw(gzipSync(bodyWith(bytes)), { 'Content-Encoding': 'gzip' }), 'body');
    expect(await countOfDrops()).toBe(before);
  });

  it.each(['utf16le', 'latin1'] as const)('that is not UTF-8 is rejected: %s', async (encoding) => {
    expectInvalid(await createRaw(Buffer.from('{"name":"é"}', encoding)), 'body');
  });

  it('that is not UTF-8 is rejected in chunks too; a character split between two chunks is valid', async () => {
    const send = (...chunks: Buffer[]) =>
      fetch(`${app.url}/api/drops`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${admin.token}` },
        body: new ReadableStream<Uint8Array>({
          start(controller) {
            for (const chunk of chunks) controller.enqueue(chunk);
            controller.close();
          },
        }),
        duplex: 'half' as const,
      });
    expect((await send(bodyWith([0xff]))).status).toBe(400);
    const whole = bodyWith([...Buffer.from('€')]);
    const response = await send(whole.subarray(0, 37), whole.subarray(37));
    expect(await response.json()).toMatchObject({ data: { name: 'a€z' } });
  });

  it('may start with a byte order mark', async () => {
    const response = await createRaw(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bodyWith([])]));
    expect(expectSuccess(response, 201).data.name).toBe('az');
  });
});

describe('half a surrogate pair', () => {
  it.each([
    ['in a field', '{"name":"a\\ud800","price":1,"totalStock":1}', 'body.name'],
    ['the second half', '{"name":"\\udc00a","price":1,"totalStock":1}', 'body.name'],
    ['a pair the wrong way round', '{"name":"\\udc00\\ud800","price":1,"totalStock":1}', 'body.name'],
    ['in the name of a member', '{"name":"a","price":1,"totalStock":1,"\\ud800":1}', 'body'],
    ['deep in a member', '{"name":"a","price":1,"totalStock":1,"x":[0,{"y":"\\ud83d"}]}', 'body.x.1.y'],
    ['as the body', '"\\ud800"', 'body'],
  ])('is rejected %s', async (_where, body, path) => {
    expectInvalid(await createRaw(body), path);
  });

  it.each([
    ['/api/users/register', { username: 'abc', email: 'a@example.com', password: '\ud800secret' }, 'body.password'],
    ['/api/users/login', { email: '\ud800a@example.com', password: 'secret' }, 'body.email'],
    ['/api/users/login', { email: 'a@example.com', password: 'secret\ud800' }, 'body.password'],
    ['/api/reservations', { dropId: UNKNOWN_ID, note: '\udfff' }, 'body.note'],
    ['/api/purchases', { reservationId: '\ud800' }, 'body.reservationId'],
  ])('is rejected in %s %j', async (path, body, field) => {
    expectInvalid(await as(admin, app.http.post(path)).send(body), field);
  });

  it('is reported at most twenty times', async () => {
    const response = await createRaw(`[${Array(200).fill('"\\ud800"').join()}]`);
    expect(expectProblem(response, 'validation-failed').errors).toHaveLength(20);
  });

  it('is accepted together with its other half', async () => {
    const response = await createRaw('{"name":"\\ud83d\\ude00","price":1,"totalStock":1}');
    expect(expectSuccess(response, 201).data.name).toBe('😀');
  });

  it('is never stored as U+FFFD, for any input', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1, maxLength: 5 }), async (junk) => {
        const outcomes = [
          await createRaw(JSON.stringify({ name: `x${junk}`, price: 1, totalStock: 1 })),
          await createRaw(bodyWith([...Buffer.from(junk, 'latin1')])),
        ];
        for (const { status } of outcomes) expect([201, 400]).toContain(status);
      }),
      { numRuns: 60 },
    );
    const { rows } = await app.database.query<{ name: string }>('SELECT name FROM drops');
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.filter(({ name }) => name.includes('\ufffd'))).toEqual([]);
  });
});

describe('a query', () => {
  it.each(['%FF', '%C0%AF', '%E2%82', '%ED%A0%80', '%F4%90%80%80', 'a%80b'])('with %s is rejected', async (q) => {
    expectInvalid(await app.http.get(`/api/drops?q=${q}`), 'query.q');
    expectInvalid(await app.http.get(`/api/drops?${q}=1`), 'query');
  });

  it.each([
    ['a%20b', 'a b'],
    ['a+b', 'a b'],
    ['100%', '100%'],
    ['%zz', '%zz'],
    ['%E2%82%AC', '€'],
  ])('with %s finds %j', async (q, name) => {
    expectSuccess(await create(name), 201);
    expect(expectSuccess(await app.http.get(`/api/drops?q=${q}`), 200).data[0].name).toBe(name);
  });
});

describe('a path', () => {
  it.each(['%FF', '%C0%AF', '%ED%A0%80'])('with %s is rejected', async (segment) => {
    for (const path of [`/api/drops/${segment}`, `/api/drops/${segment}/movements`])
      expectProblem(await app.http.get(path), 'validation-failed');
    expectProblem(await as(admin, app.http.delete(`/api/reservations/${segment}`)), 'validation-failed');
    expectProblem(await as(admin, app.http.get(`/api/users/${segment}`)), 'validation-failed');
  });
});

describe('Content-Type', () => {
  it.each([
    ...['application/json;charset=utf8', 'application/json; charset=UTF8', 'application/json; charset="utf8"'],
    ...['application/json; charset="utf-8"', 'Application/JSON ; Charset=Utf-8', 'application/json; q=1; charset=utf8'],
    ...['application/json;', 'application/json; profile="a;b"', 'application/json; charset="UTF\\-8"'],
  ])('%s is accepted', async (type) => {
    const response = await createRaw(bodyWith([...Buffer.from('é')]), { 'Content-Type': type });
    expect(expectSuccess(response, 201).data.name).toBe('aéz');
    const compressed = gzipSync(bodyWith([...Buffer.from('é')]));
    const unpacked = await createRaw(compressed, { 'Content-Type': type, 'Content-Encoding': 'gzip' });
    expect(expectSuccess(unpacked, 201).data.name).toBe('aéz');
  });

  it.each(['utf-16', 'utf-16le', 'utf-32', 'utf-7', 'latin1', 'iso-8859-1', 'us-ascii', '', 'utf-8x'])(
    'charset=%s is refused',
    async (charset) => {
      const type = `application/json; charset=${charset}`;
      expectProblem(await createRaw(bodyWith([]), { 'Content-Type': type }), 'unsupported-media-type');
      const encoded = { 'Content-Type': type, 'Content-Encoding': 'gzip' };
      expectProblem(await createRaw(gzipSync(bodyWith([])), encoded), 'unsupported-media-type');
    },
  );
});

describe('Unicode normalization', () => {
  const NFC = 'Émile Œuvre 각 Ω';
  const NFD = NFC.normalize('NFD');

  it('stores a name in NFC', async () => {
    expect(NFD).not.toBe(NFC);
    expect(expectSuccess(await create(NFD), 201).data.name).toBe(NFC.normalize('NFC'));
    const { rows } = await app.database.query<{ name: string }>('SELECT name FROM drops WHERE name = $1', [NFC]);
    expect(rows).toHaveLength(1);
  });

  it.each(['NFC', 'NFD'] as const)('finds a name sent in %s by its other form', async (form) => {
    expectSuccess(await create(`Château Ñandú ${form}`.normalize(form)), 201);
    const q = encodeURIComponent(`âteau Ñandú ${form}`.normalize(form === 'NFC' ? 'NFD' : 'NFC'));
    expect(expectSuccess(await app.http.get(`/api/drops?q=${q}`), 200).meta.totalItems).toBe(1);
  });

  it('counts the characters of the normalized form, as the database does', async () => {
    // Each name has 200 characters in NFC. The second has 400 UTF-16 units, the third 400 characters before
    // composition.
    for (const name of ['é'.repeat(200), '😀'.repeat(200), 'e\u0301'.repeat(200), `x${'\u0958'.repeat(99)}y`]) {
      const { data } = expectSuccess(await create(name), 201);
      const stored = await app.database.query<{ length: number }>(
        'SELECT char_length(name) AS length FROM drops WHERE id = $1',
        [data.id],
      );
      expect(stored.rows[0]?.length).toBeLessThanOrEqual(200);
    }
    // U+0958 stays decomposed in NFC: it counts as two characters.
    for (const name of ['é'.repeat(201), '😀'.repeat(201), 'e\u0301'.repeat(201), '\u0958'.repeat(101)])
      expectInvalid(await create(name), 'body.name');
  });
});

describe('a password', () => {
  const NFC = 'pässwörd Å';
  const NFD = NFC.normalize('NFD');
  const signIn = (email: string, password: string) => app.http.post('/api/users/login').send({ email, password });
  const register = (username: string, password: string) =>
    app.http.post('/api/users/register').send({ username, email: `${username}@example.com`, password });

  it.each(['NFC', 'NFD'] as const)('registered in %s is accepted in both forms', async (form) => {
    const username = `typed_${form}`;
    expectSuccess(await register(username, NFC.normalize(form)), 201);
    for (const password of [NFC, NFD]) expectSuccess(await signIn(`${username}@example.com`, password), 200);
    expectProblem(await signIn(`${username}@example.com`, `${NFC}x`), 'invalid-credentials');
  });

  it('with an older hash of the decomposed form is accepted in that form only', async () => {
    const { email } = await app.createUser();
    const hash = bcrypt.hashSync(NFD, 10);
    await app.database.query('UPDATE users SET password_hash = $1 WHERE email = $2', [hash, email]);
    expectSuccess(await signIn(email, NFD), 200);
    // This form does not match the stored hash, which was made without normalization.
    expectProblem(await signIn(email, NFC), 'invalid-credentials');
    expectProblem(await signIn(email, `${NFD}x`), 'invalid-credentials');
  });

  it('has 6 characters to 72 bytes in its normalized form', async () => {
    expectSuccess(await register('long_enough', 'e\u0301'.repeat(36)), 201);
    expectSuccess(await signIn('long_enough@example.com', 'é'.repeat(36)), 200);
    expectInvalid(await register('too_long', 'é'.repeat(37)), 'body.password');
    expectInvalid(await register('too_short', 'e\u0301'.repeat(5)), 'body.password');
    expectInvalid(await register('too_short', '😀'.repeat(5)), 'body.password');
    expectSuccess(await register('six_of_them', '😀'.repeat(6)), 201);
  });
});

describe('a name', () => {
  const INVISIBLE: [string, string][] = [
    ['a no-break space', '\u00a0'],
    ['an ideographic space', '\u3000'],
    ['an ogham space', '\u1680'],
    ['a zero-width space', '\u200b'],
    ['a zero-width joiner', '\u200d'],
    ['a word joiner', '\u2060'],
    ['a byte order mark', '\ufeff'],
    ['a soft hyphen', '\u00ad'],
    ['a left-to-right mark', '\u200e'],
    ['an Arabic letter mark', '\u061c'],
    ['a Mongolian vowel separator', '\u180e'],
    ['a combining grapheme joiner', '\u034f'],
    ['Hangul fillers', '\u3164\u115f\u1160\uffa0'],
    ['a braille blank', '\u2800'],
    ['a variation selector', '\ufe0f'],
    ['a supplementary variation selector', '\u{e0100}'],
    ['tags', '\u{e0041}\u{e0042}'],
    ['a combining mark', '\u0301'],
    ['a spacing mark', '\u0903'],
    ['an enclosing mark', '\u20dd'],
    ['a private character', '\ue000'],
    ['an unassigned character', '\u0378'],
    ['a noncharacter', '\uffff'],
    ['a null notehead', '\u{1d159}'],
    ['an invisible separator and spaces', ' \u2063 \u2009 '],
    ['an interlinear annotation', '\ufff9\ufffb'],
  ];

  it.each(INVISIBLE)('cannot consist of %s alone', async (_what, name) => {
    expectInvalid(await create(name), 'body.name');
    expectSuccess(await create(`${name}x${name}`), 201);
  });

  it.each([
    ...['\u202a', '\u202b', '\u202c', '\u202d', '\u202e', '\u2066', '\u2067', '\u2068', '\u2069'],
    ...['\n', '\r\n', '\t', '\u0001', '\u001b', '\u007f', '\u0085', '\u009f', '\u2028', '\u2029', '\0'],
  ])('cannot contain %j', async (character) => {
    const response = await create(`Aurora${character}Runner`);
    expectInvalid(response, 'body.name');
    expect(response.body.errors[0].message).toMatch(/^must /);
  });

  it.each([
    ...['حذاء أورورا', 'נעל אורורה', 'العربية and English', 'שלום \u200f(2)\u200e', '限定スニーカー', '한정판 운동화'],
    ...['👨‍👩‍👧‍👦', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '❤️', '1️⃣', 'می‌خواهم', 'क्‍ष', 'Zoë', 'Ｆｕｌｌｗｉｄｔｈ', '~', '.', '™', 'x'],
  ])('can be %s', async (name) => {
    expect(expectSuccess(await create(name), 201).data.name).toBe(name.normalize('NFC'));
  });
});

describe('a name that was stored before the current rules', () => {
  it('is listed, shown and can be reserved', async () => {
    const name = 'Zürich Édition'.normalize('NFD');
    await app.database.query('ALTER TABLE drops DISABLE TRIGGER drops_normalize_name');
    const id = await app.createDrop({ name });
    await app.database.query('ALTER TABLE drops ENABLE TRIGGER drops_normalize_name');
    expect(expectSuccess(await app.http.get(`/api/drops/${id}`), 200).data.name).toBe(name);
    expect(expectSuccess(await app.http.get('/api/drops'), 200).data[0].name).toBe(name);
    expectSuccess(await app.reserve(admin, id), 201);
  });
});

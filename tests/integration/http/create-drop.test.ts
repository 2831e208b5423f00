import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { as, expectInvalid, expectMembers, expectSuccess, ISO_UTC, MEMBERS } from './support.js';

let app: TestApp;
let admin: TestUser;

beforeAll(async () => {
  app = await startTestApp({ env: { PUBLIC_URL: 'https://drops.example/shop/' } });
  admin = await app.createUser('admin');
});
afterAll(() => app.close());

/** Sends a valid drop with these changes. */
const create = (changes: object = {}) =>
  as(admin, app.http.post('/api/drops')).send({ name: 'Aurora', price: '175.00', totalStock: 100, ...changes });

/** Creates a drop and returns it from the response. */
async function created(changes: object = {}) {
  return expectSuccess(await create(changes), 201).data as Record<string, unknown>;
}

it('creating a drop returns it, with full stock and live', async () => {
  const drop = await created();
  expectMembers(drop, MEMBERS.drop);
  expect(drop).toMatchObject({
    name: 'Aurora',
    price: '175.00',
    ...{ totalStock: 100, availableStock: 100, reservedStock: 0, soldStock: 0, version: 1, status: 'live' },
    ...{ limitPerUser: null, imageUrl: null, dropEndsAt: null, topPurchasers: [] },
    ...{ dropStartsAt: expect.stringMatching(ISO_UTC), createdAt: expect.stringMatching(ISO_UTC) },
  });
});

it('creating a drop returns what later requests show', async () => {
  const drop = await created({
    currency: 'EUR',
    description: 'Two\nlines',
    imageUrl: '/images/a.svg',
    limitPerUser: 2,
    dropEndsAt: '2100-01-01T00:00:00Z',
  });
  expect((await app.http.get(`/api/drops/${String(drop.id)}`)).body.data).toEqual(drop);
});

it('a drop without a start is live at once, whatever the rounding of times', async () => {
  const drops = await Promise.all(Array.from({ length: 30 }, () => created()));
  expect(drops.map(({ status }) => status)).toEqual(drops.map(() => 'live'));
});

describe('name', () => {
  it.each([
    ['x', 'x'],
    ['  Halvarsen “Ærø” 🏷 ', 'Halvarsen “Ærø” 🏷'],
    ['x'.repeat(200), 'x'.repeat(200)],
  ])('%j is stored as %j', async (name, expected) => {
    expect((await created({ name })).name).toBe(expected);
  });

  it.each(['', ' ', 'x'.repeat(201), 5, null, ['x'], undefined])('cannot be %j', async (name) => {
    expectInvalid(await create({ name }), 'body.name');
  });
});

describe('price', () => {
  it.each([
    [0, '0.00'],
    [-0, '0.00'],
    ['0', '0.00'],
    [175, '175.00'],
    ['175', '175.00'],
    ['175.5', '175.50'],
    [175.5, '175.50'],
    [0.29, '0.29'],
    [1.1, '1.10'],
    ['999999.99', '999999.99'],
    [999_999.99, '999999.99'],
    [1_000_000, '1000000.00'],
    ['1000000.00', '1000000.00'],
  ])('%j is stored as %j', async (price, expected) => {
    expect((await created({ price })).price).toBe(expected);
  });

  it.each([
    ...[-1, -0.01, 0.001, 175.005, 1e-9, 1_000_000.01, 1e300, true, null, [], {}, undefined],
    ...['', ' ', '-1', '+1', '1.', '.5', '1.005', '1e3', '0x1', '1,000', '175 ', 'NaN', 'Infinity', '1000000.01', '١'],
  ])('cannot be %j', async (price) => {
    expectInvalid(await create({ price }), 'body.price');
  });
});

describe('currency', () => {
  it.each([
    ['EUR', 'EUR'],
    ['JPY', 'JPY'],
    [null, 'USD'],
    [undefined, 'USD'],
  ])('%j is stored as %j, and the price keeps two decimals', async (currency, expected) => {
    expect(await created({ currency, price: '1500' })).toMatchObject({ currency: expected, price: '1500.00' });
  });

  it.each(['', 'eur', 'Eur', 'EURO', 'EU', ' EUR', 'EUR\n', 'QQQ', '€', 978, ['EUR']])(
    'cannot be %j',
    async (currency) => {
      expectInvalid(await create({ currency }), 'body.currency');
    },
  );
});

describe('description', () => {
  it.each([
    ['Hand-sewn.', 'Hand-sewn.'],
    ['One\n\nTwo\r\nThree\rFour', 'One\n\nTwo\nThree\nFour'],
    [' \n  Aurora 🏷 <b>bold</b> & “Ærø”  \n ', 'Aurora 🏷 <b>bold</b> & “Ærø”'],
    ['Cafe\u0301', 'Caf\u00e9'],
    ['🏷'.repeat(2000), '🏷'.repeat(2000)],
    ['', null],
    [' \n ', null],
    [null, null],
    [undefined, null],
  ])('%j is stored as %j', async (description, expected) => {
    expect((await created({ description })).description).toBe(expected);
  });

  it.each(['x'.repeat(2001), 'a\0b', 'a\u0007b', 'a\tb', 'a\u001bb', 'a\u2028b', 'a\u202eb', '\u2800', 5, ['x']])(
    'cannot be %j',
    async (description) => {
      expectInvalid(await create({ description }), 'body.description');
    },
  );
});

describe('totalStock', () => {
  it.each([1, 1_000_000])('can be %j', async (totalStock) => {
    expect(await created({ totalStock })).toMatchObject({ totalStock, availableStock: totalStock });
  });

  it.each([0, -1, 1.5, 1_000_001, 1e21, '1', null, true, undefined])('cannot be %j', async (totalStock) => {
    expectInvalid(await create({ totalStock }), 'body.totalStock');
  });
});

describe('limitPerUser', () => {
  it.each([1, 50, null, undefined])('can be %j', async (limitPerUser) => {
    expect((await created({ limitPerUser })).limitPerUser).toBe(limitPerUser ?? null);
  });

  it.each([0, -1, 1.5, 1e10, '1', true])('cannot be %j', async (limitPerUser) => {
    expectInvalid(await create({ limitPerUser }), 'body.limitPerUser');
  });
});

describe('imageUrl', () => {
  const base = 'https://drops.example/shop';
  it.each([
    ['https://cdn.example/a.png?w=1#x', 'https://cdn.example/a.png?w=1#x'],
    ['http://cdn.example/a.png', 'http://cdn.example/a.png'],
    ['HTTPS://cdn.example/a.png', 'HTTPS://cdn.example/a.png'],
    ['/images/a.svg', `${base}/images/a.svg`],
    ['/', `${base}/`],
    ['', null],
    [null, null],
    [undefined, null],
  ])('%j is returned as %j', async (imageUrl, expected) => {
    expect((await created({ imageUrl })).imageUrl).toBe(expected);
  });

  it.each([
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    'data:image/png;base64,AAAA',
    'file:///etc/passwd',
    'ftp://cdn.example/a.png',
    '//cdn.example/a.png',
    '/\\cdn.example/a.png',
    'https:cdn.example',
    'https://',
    'https://a b/c.png',
    ' https://cdn.example/a.png',
    '/images/a b.png',
    'images/a.png',
    'a.png',
    `https://cdn.example/${'x'.repeat(2048)}`,
    'https://user:password@cdn.example/a.png',
    'https://user@cdn.example/a.png',
    'http://:password@cdn.example/a.png',
    5,
    ['https://cdn.example/a.png'],
  ])('cannot be %j', async (imageUrl) => {
    expectInvalid(await create({ imageUrl }), 'body.imageUrl');
  });
});

describe('times', () => {
  it.each([
    ['2100-01-31T18:00:00Z', '2100-01-31T18:00:00.000Z'],
    ['2100-01-31T18:00:00.5Z', '2100-01-31T18:00:00.500Z'],
    ['2100-01-31T18:00:00.123456Z', '2100-01-31T18:00:00.123Z'],
    ['2100-01-31T18:00:00+05:30', '2100-01-31T12:30:00.000Z'],
    ['2100-01-31T18:00:00-10:00', '2100-02-01T04:00:00.000Z'],
    ['2100-01-31T18:00:00+23:59', '2100-01-30T18:01:00.000Z'],
    ['2100-01-31T18:00Z', '2100-01-31T18:00:00.000Z'],
    ['2100-01-31T18:00+01:00', '2100-01-31T17:00:00.000Z'],
    ['2100-01-31t18:00:00z', '2100-01-31T18:00:00.000Z'],
    ['2100-01-31T18:00:00,25Z', '2100-01-31T18:00:00.250Z'],
    ['2100-01-31T18:00:00.9999999999999Z', '2100-01-31T18:00:00.999Z'],
    ['2100-01-31T18:00:00+0200', '2100-01-31T16:00:00.000Z'],
    ['2100-01-31T18:00:00.5-0930', '2100-02-01T03:30:00.500Z'],
    ['2100-01-31T18:00+02', '2100-01-31T16:00:00.000Z'],
    ['2100-01-31T18:00:00-00:00', '2100-01-31T18:00:00.000Z'],
    ['2096-02-29T00:00:00Z', '2096-02-29T00:00:00.000Z'],
    ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('can be %s, which is returned as %s', async (dropStartsAt, expected) => {
    expect((await created({ dropStartsAt })).dropStartsAt).toBe(expected);
  });

  it.each([
    ...['2100-01-31', '2100-01-31T18:00:00', '2100-01-31 18:00:00Z', '2100-02-29T00:00:00Z', '2100-13-01T00:00:00Z'],
    ...['2100-01-31T24:00:00Z', '2100-01-31T18:00:60Z', '2100-01-31T18:00:00+24:00', '+010000-01-01T00:00:00Z'],
    ...['0000-01-01T00:00:00Z', '1969-12-31T23:59:59Z', '1970-01-01T00:00:00+01:00', '9999-12-31T23:59:59-00:01'],
    ...[
      '2100-01-31T18Z',
      '2100-01-31T18:00',
      '2100-02-29T18:00Z',
      '2100-01-31T24:00Z',
      '2100-01-31T18:60Z',
      '21000131T180000Z',
    ],
    ...[
      '2100-01-31T18:00:00.Z',
      '2100-01-31T18:00.5Z',
      '2100-01-31T18:00:00 02:00',
      '2100-01-31T18:00:00+2',
      '2100-01-31T18:00:00+02:60',
    ],
    ...[
      '2100-01-31T18:00:00+020',
      ' 2100-01-31T18:00:00Z',
      '2100-01-31T18:00:00Z\n',
      '٢١٠٠-01-31T18:00:00Z',
      '2100-W05-7T18:00Z',
    ],
    ...['infinity', 'now', 'tomorrow', '', 4_102_444_800_000, true, {}],
  ])('cannot be %j', async (time) => {
    expectInvalid(await create({ dropStartsAt: time }), 'body.dropStartsAt');
    expectInvalid(await create({ dropEndsAt: time }), 'body.dropEndsAt');
  });

  it('can be null: the drop starts now and never ends', async () => {
    expect(await created({ dropStartsAt: null, dropEndsAt: null })).toMatchObject({ status: 'live', dropEndsAt: null });
  });

  it('with a start in the future make the drop scheduled', async () => {
    expect((await created({ dropStartsAt: '2100-01-01T00:00:00Z' })).status).toBe('scheduled');
  });

  it.each([
    ['before the start', '2100-01-02T00:00:00Z', '2100-01-01T00:00:00Z'],
    ['at the start', '2100-01-01T00:00:00Z', '2100-01-01T00:00:00Z'],
    ['at the start, by another offset', '2100-01-01T00:00:00Z', '2100-01-01T01:00:00+01:00'],
    ['less than a millisecond after the start', '2100-01-01T00:00:00.0001Z', '2100-01-01T00:00:00.0009Z'],
    ['in the past, with no start', undefined, '2020-01-01T00:00:00Z'],
  ])('cannot have an end %s', async (_what, dropStartsAt, dropEndsAt) => {
    const response = await create({ dropStartsAt, dropEndsAt });
    expectInvalid(response, 'body.dropEndsAt');
    expect(response.body.detail).toBe('The end must be after the start');
  });
});

it('one response reports all invalid fields, and nothing is created', async () => {
  const count = async () => (await app.http.get('/api/drops')).body.meta.totalItems as number;
  const before = await count();
  const response = await create({ name: '', price: 'free', totalStock: 0, imageUrl: 'x', limitPerUser: 0 });
  expectInvalid(
    response,
    ...['name', 'price', 'totalStock', 'imageUrl', 'limitPerUser'].map((field) => `body.${field}`),
  );
  expect(await count()).toBe(before);
});

it('members that only the server sets are rejected', async () => {
  for (const member of ['availableStock', 'soldStock', 'version', 'status', 'id', 'cancelledAt'])
    expectInvalid(await create({ [member]: 5 }), `body.${member}`);
});

import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ChangeDropBody } from '../../../src/modules/drops/changes.schema.js';
import { CreateDropBody } from '../../../src/modules/drops/drops.schema.js';
import { CHANGE_FIELDS, DROP_FIELDS } from '../../../web/src/admin/form/drop-fields.js';
import { PICTURES, pathOf } from '../../../web/src/admin/form/pictures.js';
import { ApiError, type Problem } from '../../../web/src/api/problem.js';
import { errorsByField, readBody, textsOf } from '../../../web/src/forms/form-fields.js';
import { DROP } from '../../helpers/drop.js';

afterEach(() => vi.unstubAllGlobals());

/** The request body of a form with these texts; the other fields are empty. */
function bodyOf(texts: Readonly<Record<string, string>>) {
  const form = new FormData();
  for (const name of Object.keys(DROP_FIELDS)) form.set(name, texts[name] ?? '');
  return readBody(DROP_FIELDS, form);
}

describe('the form of a new drop', () => {
  it('sends the fields that are filled in and leaves out the others', () => {
    const body = bodyOf({ name: 'Aurora', price: ' 175.00 ', currency: 'EUR', totalStock: '100' });
    expect(body).toEqual({ name: 'Aurora', price: '175.00', currency: 'EUR', totalStock: 100, published: true });
    expect(CreateDropBody.safeParse(body).success).toBe(true);
  });

  it('publishes the drop or keeps it as a draft', () => {
    expect(bodyOf({ published: 'true' }).published).toBe(true);
    expect(bodyOf({ published: 'false' }).published).toBe(false);
  });

  it('sends times of the browser’s time zone in UTC', () => {
    const written = { dropStartsAt: '2030-01-31T18:00', dropEndsAt: '2030-02-01T18:00', limitPerUser: '2' };
    const body = bodyOf({
      name: 'Aurora',
      price: '1',
      totalStock: '1',
      imageUrl: '/images/cap.svg',
      ...written,
    });
    expect(body).toMatchObject({
      dropStartsAt: new Date(2030, 0, 31, 18).toISOString(),
      dropEndsAt: new Date(2030, 1, 1, 18).toISOString(),
      limitPerUser: 2,
      imageUrl: '/images/cap.svg',
    });
    expect(CreateDropBody.safeParse(body).success).toBe(true);
  });

  it('leaves validation to the API', () => {
    const body = bodyOf({ price: 'free', totalStock: 'many', dropStartsAt: 'soon', limitPerUser: '0' });
    // JSON, because that is what the page sends: it omits undefined members.
    const { error } = CreateDropBody.safeParse(JSON.parse(JSON.stringify(body)));
    expect(new Set(error?.issues.map(({ path }) => path[0]))).toEqual(
      new Set(['name', 'price', 'totalStock', 'dropStartsAt', 'limitPerUser']),
    );
  });

  it('shows each error of the API at its field', () => {
    const problem = {
      code: 'validation-failed',
      detail: 'Not valid',
      errors: [
        { path: 'body.name', message: 'must not be empty' },
        { path: 'body.dropEndsAt', message: 'must be after the start' },
      ],
    } as Problem;
    expect(errorsByField(DROP_FIELDS, new ApiError(problem, null))).toEqual({
      name: 'Name must not be empty',
      dropEndsAt: 'End must be after the start',
    });
    expect(errorsByField(DROP_FIELDS, new Error('something else'))).toEqual({});
  });
});

describe('the form of an existing drop', () => {
  const drop = {
    ...DROP,
    dropStartsAt: new Date(2030, 0, 31, 18, 0, 30, 500).toISOString(),
    imageUrl: 'http://shop.example/images/cap.svg',
    limitPerUser: 4,
  };

  it('shows its values, and reads them back', () => {
    vi.stubGlobal('window', { location: { origin: 'http://shop.example' } });
    const texts = textsOf(CHANGE_FIELDS, drop);
    expect(texts).toEqual({
      name: 'Aurora Runner',
      price: '175.00',
      currency: 'USD',
      description: '',
      dropStartsAt: '2030-01-31T18:00',
      dropEndsAt: '',
      limitPerUser: '4',
      holdSeconds: '60',
      imageUrl: '/images/cap.svg',
    });
    const form = new FormData();
    for (const [name, text] of Object.entries(texts)) form.set(name, text);
    const body = readBody(CHANGE_FIELDS, form);
    expect(body).toMatchObject({ dropStartsAt: new Date(2030, 0, 31, 18).toISOString(), limitPerUser: 4 });
    expect(ChangeDropBody.safeParse(body).success).toBe(true);
  });

  it('removes a value whose field is emptied', () => {
    const form = new FormData();
    for (const name of ['description', 'dropEndsAt', 'limitPerUser', 'holdSeconds', 'imageUrl']) form.set(name, ' ');
    const { name: _name, price: _price, currency: _currency, ...body } = readBody(CHANGE_FIELDS, form);
    expect(body).toEqual({
      description: null,
      dropStartsAt: null,
      dropEndsAt: null,
      limitPerUser: null,
      holdSeconds: null,
      imageUrl: null,
    });
    expect(ChangeDropBody.safeParse(body).success).toBe(true);
  });
});

it('offers exactly the pictures that the service serves', () => {
  const served = readdirSync(new URL('../../../public/images', import.meta.url)).map((file) => `/images/${file}`);
  expect(PICTURES.map(pathOf).sort()).toEqual(served.sort());
});

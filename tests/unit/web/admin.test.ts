import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CreateDropBody } from '../../../src/modules/drops/drops.schema.js';
import { bodyOf, errorsByField } from '../../../web/src/admin/drop-body.js';
import { PICTURES, pathOf } from '../../../web/src/admin/pictures.js';
import { ApiError, type Problem } from '../../../web/src/api/problem.js';

const EMPTY = {
  name: '',
  price: '',
  totalStock: '',
  imageUrl: '',
  dropStartsAt: '',
  dropEndsAt: '',
  limitPerUser: '',
};

describe('the form of a new drop', () => {
  it('asks for what was written, and leaves out what was not', () => {
    const body = bodyOf({ ...EMPTY, name: 'Aurora', price: ' 175.00 ', totalStock: '100' });
    expect(body).toEqual({ name: 'Aurora', price: '175.00', totalStock: 100 });
    expect(CreateDropBody.safeParse(body).success).toBe(true);
  });

  it('gives times of this machine’s clock in UTC', () => {
    const written = { dropStartsAt: '2030-01-31T18:00', dropEndsAt: '2030-02-01T18:00', limitPerUser: '2' };
    const body = bodyOf({
      ...EMPTY,
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

  it('leaves it to the API to refuse', () => {
    const body = bodyOf({ ...EMPTY, price: 'free', totalStock: 'many', dropStartsAt: 'soon', limitPerUser: '0' });
    // As it is sent.
    const { error } = CreateDropBody.safeParse(JSON.parse(JSON.stringify(body)));
    expect(new Set(error?.issues.map(({ path }) => path[0]))).toEqual(
      new Set(['name', 'price', 'totalStock', 'dropStartsAt', 'limitPerUser']),
    );
  });

  it('shows at each field what the API said of it', () => {
    const problem = {
      code: 'validation-failed',
      detail: 'Not valid',
      errors: [
        { path: 'body.name', message: 'must not be empty' },
        { path: 'body.dropEndsAt', message: 'must be after the start' },
      ],
    } as Problem;
    expect(errorsByField(new ApiError(problem, null))).toEqual({
      name: 'It must not be empty',
      dropEndsAt: 'It must be after the start',
    });
    expect(errorsByField(new Error('something else'))).toEqual({});
  });
});

it('the pictures to choose from are those that the service serves', () => {
  const served = readdirSync(new URL('../../../public/images', import.meta.url)).map((file) => `/images/${file}`);
  expect(PICTURES.map(pathOf).sort()).toEqual(served.sort());
});

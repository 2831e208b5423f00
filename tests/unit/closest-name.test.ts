import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closestName, misspelledName } from '../../src/lib/validation/closest-name.js';

const FIELDS = ['name', 'price', 'totalStock', 'imageUrl', 'dropStartsAt', 'dropEndsAt', 'limitPerUser'];
const SETTINGS = ['NODE_ENV', 'PORT', 'HOST', 'PUBLIC_URL', 'DATABASE_URL', 'JWT_SECRET', 'JWT_EXPIRES_IN'];

describe('the closest name', () => {
  it.each([
    ['drop_starts_at', 'dropStartsAt'],
    ['DROPENDSAT', 'dropEndsAt'],
    ['limit-per-user', 'limitPerUser'],
    ['nmae', 'name'],
    ['prise', 'price'],
    ['totlStok', 'totalStock'],
    ['imgUrl', 'imageUrl'],
    ['startsAt', 'dropStartsAt'],
    ['endsAt', 'dropEndsAt'],
    ['start', 'dropStartsAt'],
    ['startTime', 'dropStartsAt'],
    ['end_date', 'dropEndsAt'],
    ['stock', 'totalStock'],
    ['image', 'imageUrl'],
    ['dropName', 'name'],
    ['maxPerUser', 'limitPerUser'],
    ['price[]', 'price'],
  ])('of %s is %s', (name, suggestion) => {
    expect(closestName(name, FIELDS)).toBe(suggestion);
  });

  it.each(['', '_', 'q', 'xyz', 'description', '🙂', 'toString', '__proto__', 'x'.repeat(16_000)])(
    'of %.20s is undefined',
    (name) => {
      expect(closestName(name, FIELDS)).toBeUndefined();
    },
  );

  it('is a known name or undefined for any input', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const suggestion = closestName(name, FIELDS);
        expect(suggestion === undefined || FIELDS.includes(suggestion)).toBe(true);
      }),
    );
  });
});

describe('the misspelled name', () => {
  it.each([
    ['PROT', 'PORT'],
    ['DATABSE_URL', 'DATABASE_URL'],
    ['DATABASEURL', 'DATABASE_URL'],
    ['JWT_SECRETS', 'JWT_SECRET'],
    ['JTW_SECRET', 'JWT_SECRET'],
  ])('of %s is %s, one error away', (name, suggestion) => {
    expect(misspelledName(name, SETTINGS, 1)).toBe(suggestion);
  });

  it.each(['HOSTNAME', 'URL', 'DATABASE', 'JWT', 'PATH', 'TRACE', 'PG'])('of %s is undefined', (name) => {
    expect(misspelledName(name, SETTINGS, 1)).toBeUndefined();
  });

  it('is the one with fewer errors', () => {
    expect(misspelledName('dropsEndsAt', ['dropStartsAt', 'dropEndsAt'])).toBe('dropEndsAt');
  });
});

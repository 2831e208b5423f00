import fc from 'fast-check';
import { TEST_PASSWORD } from '../app.js';
import { mismatchOf, type JsonSchema } from './openapi.js';

/** Stands for an id of a row that exists when the request is sent. */
export const ID_PLACEHOLDERS = ['{drop}', '{soldOut}', '{reservation}', '{user}', '{admin}'] as const;

const TEXT = fc.oneof(fc.string({ minLength: 1 }), fc.string({ unit: 'grapheme', minLength: 1 }));
const WORDS = TEXT.filter(
  (text) => /[a-z0-9]/i.test(text) && !/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(text),
);
const time = (from: string, to: string) =>
  fc.date({ min: new Date(from), max: new Date(to), noInvalidDate: true }).map((date) => date.toISOString());

/** It contains a text that is nowhere else: responses are searched for passwords. */
const PASSWORD = fc.stringMatching(/^[a-z0-9]{4,60}$/).map((text) => `secret ${text}`);

/** Values of members whose descriptions state a rule that JSON Schema cannot. */
const DESCRIBED: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  name: WORDS.map((text) => text.slice(0, 100)),
  reason: WORDS.map((text) => text.slice(0, 100)),
  q: WORDS.map((text) => text.slice(0, 100)),
  price: fc.oneof(
    fc.constantFrom<unknown>(0, 1_000_000, '0', '1000000.00', 0.01),
    fc.integer({ min: 0, max: 100_000_000 }).map((cents) => (cents / 100).toFixed(2)),
  ),
  currency: fc.constantFrom('USD', 'EUR', 'JPY', 'KWD'),
  description: fc.oneof(
    fc.constantFrom(null, '', 'First line\nSecond line', 'x'.repeat(2000)),
    WORDS.map((text) => text.slice(0, 100)),
  ),
  delta: fc.oneof(fc.constantFrom(1, -1, 1_000_000, -1_000_000), fc.integer({ min: 1, max: 100 })),
  imageUrl: fc.constantFrom(null, '', '/images/a.svg', 'https://example.com/a.png'),
  dropStartsAt: fc.oneof(fc.constant(null), time('1970-01-02', '2040-01-01')),
  dropEndsAt: fc.oneof(fc.constant(null), time('2040-01-02', '9999-12-30')),
  password: fc.oneof(PASSWORD, fc.constant(TEST_PASSWORD)),
  currentPassword: fc.constant(TEST_PASSWORD),
  newPassword: PASSWORD,
  email: fc.oneof(
    fc.constant('{email}'),
    fc.stringMatching(/^[a-z0-9]{3,20}$/).map((name) => `${name}@example.com`),
  ),
};

/** Makes values that match a schema, with those at its limits. @param name of the member, for {@link DESCRIBED}. */
export function validValue(schema: JsonSchema, name = ''): fc.Arbitrary<unknown> {
  const described = Object.hasOwn(DESCRIBED, name) ? DESCRIBED[name] : undefined;
  if (described) return described;
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((part) => validValue(part)));
  const types = [schema.type ?? 'object'].flat();
  return fc.oneof(...types.map((type) => valueOfType(type, schema)));
}

function valueOfType(type: string, schema: JsonSchema): fc.Arbitrary<unknown> {
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'number': {
      const { minimum: min = -1_000_000, maximum: max = 1_000_000 } = schema;
      return fc.oneof(
        fc.constantFrom(min, max),
        fc.integer({ min, max: Math.min(max, min + 20) }),
        fc.integer({ min, max }),
      );
    }
    case 'string':
      return stringOf(schema);
    case 'array':
      return fc.array(validValue(schema.items ?? {}), { maxLength: Math.min(schema.maxItems ?? 5, 5) });
    case 'object': {
      const members = Object.entries(schema.properties ?? {}).map(([name, member]) => [name, validValue(member, name)]);
      const arbitraries = Object.fromEntries(members) as Record<string, fc.Arbitrary<unknown>>;
      const { required = [], minProperties = 0 } = schema;
      const objects = fc.record(arbitraries, { requiredKeys: [...required] });
      return objects.filter((value) => Object.keys(value).length >= minProperties);
    }
    default:
      throw new Error(`no values of the type ${type} are known: add them to tests/helpers/fuzz/values.ts`);
  }
}

/** Mostly of something that exists, and of what most operations take. */
const ID = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<string>(...ID_PLACEHOLDERS, '{drop}', '{reservation}') },
  { weight: 1, arbitrary: fc.uuid() },
);

function stringOf({ format, pattern, minLength = 0, maxLength = 100 }: JsonSchema): fc.Arbitrary<string> {
  if (format === 'uuid') return ID;
  if (format === 'date-time') return time('1970-01-02', '9999-12-30');
  if (format === 'email') return DESCRIBED.email as fc.Arbitrary<string>;
  if (format === 'uri') return fc.webUrl();
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  const longest = 'x'.repeat(maxLength);
  return fc.oneof(
    fc.constantFrom(longest.slice(0, Math.max(minLength, 1)), longest),
    fc.string({ minLength, maxLength: Math.min(maxLength, minLength + 50) }),
  );
}

/** Values that are known to cause defects. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'binary', minLength: 1000, maxLength: 3000 }),
  fc.jsonValue({ maxDepth: 3 }),
  fc.double(),
  fc.integer({ min: 1, max: 1500 }).map(nested),
  fc.constantFrom<unknown>(
    ...['', ' ', '\0', 'a\0b', '\ud800', '1e309', '-0', '٣', "'; DROP TABLE drops; --", '__proto__', '%00', '../..'],
    ...['2100-01-01T00:00:00+15:59', '9999-12-31T23:59:59-12:00', '0000-01-01T00:00:00Z', 'infinity', 'NaN'],
    ...['https://[::1', 'https://a.b/\u202e', '/\u0001', '2147483648', '-1', 'x'.repeat(5000), '\u0130'.repeat(200)],
    ...['$2a$10$', '%u0000', '{{7*7}}', '${jndi:ldap://a}', '00000000-0000-0000-0000-000000000000'],
    ...[2 ** 31, 2 ** 53, -1, 0, 1e21, 1e308, 0.005, null, true, [], {}, [[]], { length: -1 }, { toString: 1 }],
    ...[Object.fromEntries([['__proto__', { role: 'admin' }]]), { constructor: { prototype: { role: 'admin' } } }],
  ),
);

/** A list in a list in a list. */
function nested(depth: number): unknown {
  let value: unknown = [];
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

/** Whether a schema excludes a value, also when its formats are read generously. */
export function excludes(schema: JsonSchema, value: unknown): boolean {
  return mismatchOf(generousOf(schema), typeof value === 'string' ? asCounted(value) : value) !== null;
}

/** Makes values of JSON, in which NaN is null, of which many do not fit a schema. */
export function unfitValue(schema: JsonSchema): fc.Arbitrary<unknown> {
  return fc.oneof(hostileValue, ...beyondLimits(schema)).map((value): unknown => JSON.parse(JSON.stringify(value)));
}

/** Makes values that a schema excludes. */
export function invalidValue(schema: JsonSchema): fc.Arbitrary<unknown> {
  return unfitValue(schema).filter((value) => excludes(schema, value));
}

function beyondLimits({ minimum, maximum, minLength, maxLength }: JsonSchema): fc.Arbitrary<unknown>[] {
  const values: unknown[] = [
    ...(minimum === undefined ? [] : [minimum - 1, minimum - 0.5]),
    ...(maximum === undefined ? [] : [maximum + 1, maximum + 0.5]),
    ...(minLength === undefined || minLength === 0 ? [] : ['x'.repeat(minLength - 1)]),
    ...(maxLength === undefined ? [] : ['x'.repeat(maxLength + 1)]),
  ];
  return values.length > 0 ? [fc.constantFrom(...values)] : [];
}

/** A text of which the validator counts the length as the service does: code points, normalized, without outer spaces. */
function asCounted(text: string): string {
  return text
    .normalize('NFC')
    .trim()
    .replace(/[\u{10000}-\u{10ffff}]/gu, 'x');
}

const generousSchemas = new WeakMap<JsonSchema, JsonSchema>();

/** The same schema for what the service accepts beyond the formats: every UUID, and times in other forms of ISO 8601. */
function generousOf(schema: JsonSchema): JsonSchema {
  const known = generousSchemas.get(schema);
  if (known) return known;
  const { format, ...others } = schema;
  const generous: JsonSchema = {
    ...others,
    ...(format === 'uuid' && { pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' }),
    ...(format === 'date-time' && { pattern: '^\\d{4}-\\d\\d-\\d\\d[Tt]' }),
  };
  generousSchemas.set(schema, generous);
  return generous;
}

import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { hold, UNKNOWN_ID } from './support.js';

const RUNS = 300;

interface Operation {
  readonly method: string;
  readonly path: string;
  /** Names of the body's fields; empty for an operation without a body. */
  readonly fields: readonly string[];
  readonly queries: readonly string[];
  /** The statuses that the OpenAPI document lists. */
  readonly statuses: readonly string[];
}

interface Documented {
  readonly parameters?: { readonly in: string; readonly name: string }[];
  readonly responses: object;
  readonly requestBody?: { content: { 'application/json': { schema: { $ref: string } } } };
}

interface Document {
  readonly paths: Record<string, Record<string, Documented>>;
  readonly components: { readonly schemas: Record<string, { readonly properties: object }> };
}

let app: TestApp;
let users: TestUser[];
let ids: string[];
let operations: Operation[];

beforeAll(async () => {
  app = await startTestApp();
  users = [await app.createUser(), await app.createUser('admin')];
  const dropId = await app.createDrop();
  const { id } = await hold(app, users[0] as TestUser, dropId);
  ids = [dropId, id, await app.createDrop({ paused_at: 'now' }), users[0]?.id ?? '', UNKNOWN_ID];

  const { paths, components } = (await app.http.get('/openapi.json')).body as Document;
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody, responses }]) => {
      const schema = requestBody?.content['application/json'].schema.$ref.split('/').at(-1) ?? '';
      return {
        method: method.toUpperCase(),
        path,
        fields: Object.keys(components.schemas[schema]?.properties ?? {}),
        queries: parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name),
        statuses: Object.keys(responses),
      };
    }),
  );
});
afterAll(() => app.close());

/** Values that are known to cause defects. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.jsonValue({ maxDepth: 2 }),
  fc.double(),
  fc.constantFrom(
    ...[
      '',
      '\0',
      '\ud800',
      '1e309',
      '-0',
      '٣',
      "'; DROP TABLE drops; --",
      '__proto__',
      '%00',
      '../..',
      'x'.repeat(5000),
    ],
    ...['2100-01-01T00:00:00+15:59', '2100-01-01T00:00:00-23:59', '9999-12-31T23:59:59-12:00', '0000-01-01T00:00:00Z'],
    ...['infinity', '-infinity', 'NaN', 'https://[::1', 'https://a.b/\u202e', '/\u0001', '2147483648', '-1'],
    ...[2 ** 31, 2 ** 53, -1, 0, 1e21, 0.005, null, true, [], {}, [[]], { length: -1 }],
  ),
);

/** Values that are valid for some field, so that requests pass the validation. */
const plausible = fc.oneof(
  fc.integer({ min: 0, max: 4 }).map((index) => ids[index]),
  fc.uuid(),
  fc.integer({ min: 1, max: 10 }),
  fc.constantFrom('1.00', 'live', 'name', 'some_body', 'password', '/images/a.svg', '2100-01-01T00:00:00Z'),
  fc.integer({ min: 0, max: 1e9 }).map((n) => `fuzz${n}@example.com`),
);
const value = fc.oneof(plausible, plausible, hostile);

/** Names that no operation has; some are similar to real ones. */
const UNKNOWN_NAMES = ['search', 'limit', 'startsAt', 'page[]', '__proto__', '', '\u202e', '%'];

const VALID_BODY: Readonly<Record<string, unknown>> = {
  ...{ name: 'Fuzz', price: '1.00', totalStock: 3 },
  ...{ username: 'fuzzy', email: 'fuzzy@example.com', password: '123456' },
};

const request = fc.record({
  operation: fc.nat().map((n) => operations[n % operations.length] as Operation),
  segment: value,
  query: fc.array(fc.tuple(fc.nat(), value), { maxLength: 3 }),
  /** Values that replace the valid values of fields. */
  changes: fc.array(fc.tuple(fc.nat(), value), { maxLength: 3 }),
  body: fc.oneof(
    { weight: 6, arbitrary: fc.constant('fields') },
    { weight: 1, arbitrary: fc.constantFrom('hostile', 'raw') },
  ),
  junk: hostile,
  type: fc.oneof(
    { weight: 8, arbitrary: fc.constant('application/json') },
    {
      weight: 1,
      arbitrary: fc.constantFrom('text/plain', 'application/json; charset=x', 'application/json;;', 'json'),
    },
  ),
  user: fc.integer({ min: -1, max: 2 }),
  header: fc.oneof(fc.constant(undefined), fc.stringMatching(/^[\x21-\x7e\x80-\xff]{1,300}$/)),
});

type FuzzRequest = typeof request extends fc.Arbitrary<infer T> ? T : never;

/** Returns one of the names or, for one `n` in eight, an unknown name. */
function nameAt(names: readonly string[], n: number): string {
  const from = names.length === 0 || n % 8 === 0 ? UNKNOWN_NAMES : names;
  return from[Math.floor(n / 8) % from.length] ?? '';
}

/** Converts a value to text without lone surrogates, which no client can encode. */
const toText = (one: unknown) => Buffer.from(typeof one === 'string' ? one : JSON.stringify(one) || '0').toString();

function toFetch({ operation, segment, query, changes, body, junk, type, user, header }: FuzzRequest) {
  const { method, path, fields, queries } = operation;
  const parameters = new URLSearchParams();
  for (const [n, one] of query) parameters.append(nameAt(queries, n), toText(one));
  const good: Record<string, unknown> = { dropId: ids[0], reservationId: ids[1], ...VALID_BODY };
  const content: Record<string, unknown> = {};
  for (const field of fields) if (field in good) content[field] = good[field];
  for (const [n, one] of changes) content[nameAt(fields, n)] = one;
  const bodies: Record<string, string> = {
    fields: JSON.stringify(content),
    hostile: JSON.stringify(junk),
    raw: toText(junk),
  };
  const token = user < 0 ? undefined : (users[user]?.token ?? 'x.y.z');
  return {
    url: `${app.url}${path.replace(/\{\w+\}/, encodeURIComponent(toText(segment)) || '-')}?${parameters.toString()}`,
    init: {
      method,
      headers: {
        ...(fields.length > 0 && { 'Content-Type': type }),
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        ...(header !== undefined && { 'Idempotency-Key': header, 'X-Request-Id': header }),
      },
      ...(fields.length > 0 && { body: bodies[body] ?? '' }),
      redirect: 'manual' as const,
    },
  };
}

it('no request results in a 5xx, and every failure is a problem', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(request, async (fuzzRequest) => {
      const { url, init } = toFetch(fuzzRequest);
      const response = await fetch(url, init);
      const result = (await response.json()) as { code?: string; requestId?: string };
      seen.add(`${fuzzRequest.operation.method} ${fuzzRequest.operation.path}`).add(result.code ?? 'success');
      const { statuses } = fuzzRequest.operation;
      // A segment such as ".." changes the path.
      const isUnrouted = result.code === 'route-not-found' || result.code === 'method-not-allowed';
      const documented = isUnrouted || statuses.includes(String(response.status));
      expect({ url, init, result, served: response.status < 500, documented }).toMatchObject({
        served: true,
        documented: true,
      });
      if (response.status >= 400) {
        expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
        expect(result.requestId).toBe(response.headers.get('x-request-id'));
      }
    }),
    { numRuns: RUNS },
  );
  // Every operation and several results must occur; otherwise the test covers too little.
  expect([...seen]).toEqual(expect.arrayContaining(operations.map(({ method, path }) => `${method} ${path}`)));
  expect([...seen]).toEqual(expect.arrayContaining(['success', 'validation-failed', 'unauthenticated']));
});

it('the data that the requests created is readable and consistent', async () => {
  const { body } = await app.http.get('/api/drops?pageSize=100');
  expect(body).toMatchObject({ status: 'success' });
  expect(await app.mismatches()).toEqual([]);
});

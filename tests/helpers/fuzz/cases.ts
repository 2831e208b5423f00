import fc from 'fast-check';
import type { JsonSchema, Operation, Parameter } from './openapi.js';
import { faultsOf, UNKNOWN_NAMES, type Parts } from './faults.js';
import { toHeader, toText } from './texts.js';
import { hostileValue, validValue } from './values.js';

/**
 * What the document says about a request: it is valid, one part of it is not, or nothing (`any`), because several parts are
 * hostile at once.
 */
type Intent =
  | 'valid'
  | 'invalid'
  | 'any'
  | 'no token'
  | 'bad token'
  | 'wrong content type'
  | 'missing header'
  | 'unsupported method';

export interface FuzzRequest {
  readonly operation: Operation;
  readonly intent: Intent;
  readonly method: string;
  /** With placeholders for ids. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly as: 'user' | 'admin' | 'bad token' | 'none';
}

/** Makes requests of one operation: half of them valid, a quarter with one fault, and a quarter hostile in several parts. */
export function requestOf(operation: Operation): fc.Arbitrary<FuzzRequest> {
  const valid = validParts(operation);
  const faults = faultsOf(operation).map((fault) => fc.tuple(valid, fault).map(([parts, apply]) => apply(parts)));
  const account = fc.constantFrom(
    ...(operation.isForAdmins ? (['admin', 'admin', 'admin', 'user'] as const) : (['user'] as const)),
  );
  const make = (intent: Intent, parts: fc.Arbitrary<Parts>) =>
    fc.tuple(parts, account).map(([part, as]) => toRequest(operation, intent, part, as));
  const variants = [
    { weight: 12, arbitrary: make('valid', valid) },
    ...(faults.length > 0 ? [{ weight: 6, arbitrary: make('invalid', fc.oneof(...faults)) }] : []),
    { weight: 5, arbitrary: make('any', hostileParts(operation)) },
    { weight: 3, arbitrary: withMethod(make('unsupported method', valid)) },
    ...(operation.needsToken ? [{ weight: 2, arbitrary: withoutToken(make('no token', valid)) }] : []),
    ...(operation.body ? [{ weight: 2, arbitrary: withContentType(make('wrong content type', valid)) }] : []),
  ];
  return fc.oneof(...variants);
}

function validParts({ parameters, body }: Operation): fc.Arbitrary<Parts> {
  const inPart = (part: Parameter['in']) => {
    const own = parameters.filter((parameter) => parameter.in === part);
    const arbitraries = Object.fromEntries(own.map(({ name, schema }) => [name, validValue(schema, name)]));
    return fc.record(arbitraries, { requiredKeys: own.filter(({ required }) => required).map(({ name }) => name) });
  };
  return fc.record({
    path: inPart('path'),
    query: inPart('query').map((members) => Object.entries(members)),
    header: inPart('header'),
    body: body ? validValue(body) : fc.constant(undefined),
  });
}

function hostileParts({ parameters, body }: Operation): fc.Arbitrary<Parts> {
  const value = fc.oneof(hostileValue, ...parameters.map(({ schema, name }) => validValue(schema, name)));
  const names = [...parameters.map(({ name }) => name), ...UNKNOWN_NAMES];
  const own = (part: Parameter['in']) => parameters.filter((parameter) => parameter.in === part);
  return fc.record({
    path: fc.record(Object.fromEntries(own('path').map(({ name }) => [name, value]))),
    query: fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 4 }),
    header: fc.record(
      Object.fromEntries(
        ['x-request-id', 'accept', ...own('header').map(({ name }) => name)].map((name) => [name, value]),
      ),
    ),
    body: body ? fc.oneof(hostileBody(body), hostileValue) : fc.constant(undefined),
  });
}

function hostileBody({ properties = {} }: JsonSchema): fc.Arbitrary<unknown> {
  const members = Object.entries(properties).map(([name, schema]) => [
    name,
    fc.oneof(validValue(schema, name), hostileValue),
  ]);
  return fc.record(Object.fromEntries(members) as Record<string, fc.Arbitrary<unknown>>, { requiredKeys: [] });
}

const OTHER_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'SEARCH'];

function withMethod(requests: fc.Arbitrary<FuzzRequest>): fc.Arbitrary<FuzzRequest> {
  return fc.tuple(requests, fc.nat()).map(([request, n]) => {
    const others = OTHER_METHODS.filter((method) => !request.operation.methods.includes(method));
    return { ...request, method: others[n % others.length] ?? 'PUT', body: undefined };
  });
}

function withoutToken(requests: fc.Arbitrary<FuzzRequest>): fc.Arbitrary<FuzzRequest> {
  return fc
    .tuple(requests, fc.boolean())
    .map(([request, none]) => ({ ...request, ...(none ? { as: 'none' } : { as: 'bad token', intent: 'bad token' }) }));
}

function withContentType(requests: fc.Arbitrary<FuzzRequest>): fc.Arbitrary<FuzzRequest> {
  const types = fc.constantFrom(
    'text/plain',
    'application/xml',
    'application/json; charset=x',
    'json',
    'multipart/form-data; boundary=a',
    '',
  );
  return fc.tuple(requests, types).map(([request, type]) => {
    const { 'content-type': _type, ...headers } = request.headers;
    return type === ''
      ? { ...request, intent: 'missing header', headers }
      : { ...request, headers: { ...headers, 'content-type': type } };
  });
}

function toRequest(operation: Operation, intent: Intent, parts: Parts, as: FuzzRequest['as']): FuzzRequest {
  const encode = (value: unknown) =>
    encodeURIComponent(toText(value))
      .replace(/%7B(\w+)%7D/g, '{$1}')
      .replace(/^\.+$/, '-') || '-';
  const path = operation.path.replace(/\{(\w+)\}/g, (_matched, name: string) => encode(parts.path[name]));
  const query = parts.query
    .map(([name, value]) => `${encodeURIComponent(toText(name))}=${encodeURIComponent(toText(value))}`)
    .join('&');
  const headers = Object.entries(parts.header).map(([name, value]) => [name, toHeader(value)]);
  const body = parts.body === undefined ? undefined : JSON.stringify(parts.body);
  return {
    ...{ operation, intent, as, method: operation.method },
    target: query === '' ? path : `${path}?${query}`,
    headers: {
      ...(Object.fromEntries(headers) as Record<string, string>),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    body,
  };
}

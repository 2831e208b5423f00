import fc from 'fast-check';
import type { JsonSchema, Operation, Parameter } from './openapi.js';
import { toHeader, toText } from './texts.js';
import { excludes, invalidValue, unfitValue, validValue } from './values.js';

/** The parts of a request, before they are text. */
export interface Parts {
  readonly path: Readonly<Record<string, unknown>>;
  readonly query: readonly (readonly [name: string, value: unknown])[];
  readonly header: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

/** Names that no operation has. */
export const UNKNOWN_NAMES = ['search', 'startsAt', 'page[]', '__proto__', 'constructor', '\u202e', '%'];

type Fault = (parts: Parts) => Parts;

/** Changes that make one part of a valid request invalid. */
export function faultsOf({ parameters, body, responses }: Operation): fc.Arbitrary<Fault>[] {
  const ofParameters = parameters.map((parameter) =>
    invalidText(parameter).map((value): Fault => {
      const { name } = parameter;
      if (parameter.in === 'query') {
        return (parts) => ({ ...parts, query: [...parts.query.filter(([other]) => other !== name), [name, value]] });
      }
      return (parts) => ({ ...parts, [parameter.in]: { ...parts[parameter.in], [name]: value } });
    }),
  );
  // Health checks ignore unknown parameters, and document no refusal.
  const refusesUnknown = '400' in responses;
  const unknown = fc
    .constantFrom(...UNKNOWN_NAMES)
    .map((name): Fault => (parts) => ({ ...parts, query: [...parts.query, [name, '1']] }));
  const repeated = parameters
    .filter((parameter) => parameter.in === 'query')
    .map(({ name, schema }) =>
      validValue(schema, name).map((value): Fault => (parts) => ({
        ...parts,
        query: [
          [name, value],
          [name, value],
        ],
      })),
    );
  return [
    ...ofParameters,
    ...(refusesUnknown ? [unknown] : []),
    ...repeated,
    ...(body
      ? faultsOfBody(body).map((fault) =>
          fault.map((change): Fault => (parts) => ({ ...parts, body: change(parts.body) })),
        )
      : []),
  ];
}

/** Makes text that a parameter excludes. Text that is a number is one where the schema has numbers. */
function invalidText({ in: part, schema }: Parameter): fc.Arbitrary<string> {
  return unfitValue(schema)
    .map((value) => (part === 'header' ? toHeader(value).trim() : toText(value)))
    .filter((text) => text !== '' && !/^\.+$/.test(text))
    .filter((text) => {
      const isNumber = schema.type === 'integer' && /^\s*[-+]?[\d.]+(e[-+]?\d+)?\s*$/i.test(text);
      return excludes(schema, isNumber ? Number(text) : text);
    });
}

type Change = (body: unknown) => unknown;

function faultsOfBody({ properties = {}, required = [], additionalProperties }: JsonSchema): fc.Arbitrary<Change>[] {
  const without =
    (name: string): Change =>
    (body) =>
      Object.fromEntries(Object.entries(body as object).filter(([other]) => other !== name));
  const members = Object.entries(properties).map(([name, schema]) =>
    invalidValue(schema).map((value): Change => (body) => ({ ...(body as object), [name]: value })),
  );
  return [
    fc.constantFrom<Change>(
      ...required.map(without),
      () => null,
      () => [],
      () => 'text',
      () => 1,
    ),
    ...members,
    ...(additionalProperties === false
      ? [
          fc.constantFrom(...UNKNOWN_NAMES).map(
            (name): Change =>
              (body) =>
                Object.fromEntries([...Object.entries(body as object), [name, 1]]),
          ),
        ]
      : []),
  ];
}

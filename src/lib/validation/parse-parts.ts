import type { z } from 'zod';
import { ValidationError, type InvalidField } from '../errors/index.js';
import { explainUnknown, labelOf } from './field-names.js';

/** Names chosen by the client that one response repeats; a body of 16 kB can have thousands. */
const MAX_NAMED = 20;
const MAX_NAME_LENGTH = 100;
const MALFORMED = 'must be valid Unicode (it has half a surrogate pair, or bytes that are not UTF-8)';
/** Half of a surrogate pair is no character; PostgreSQL would store another one in its place. */
const LONE_SURROGATE = /\p{Surrogate}/u;
const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a JSON object',
  array: 'a list',
};

/**
 * Parses each part of a request (`params`, `query`, `headers`, `body`) by its schema, and skips parts without a schema. Text
 * that is not valid Unicode is refused everywhere, in members that the schema ignores too.
 *
 * @throws {ValidationError} with the errors of all parts, one a field, each with its path: `body.email`.
 */
export function parseParts<Name extends string>(
  schemas: Readonly<Record<Name, z.ZodType | undefined>>,
  request: Readonly<Record<NoInfer<Name>, unknown>>,
): Partial<Record<Name, unknown>> {
  const parts: Partial<Record<Name, unknown>> = {};
  const errors = new Map<string, InvalidField>();
  // Only the first error of a field: a value that is not a string is not also too short.
  const add = (error: InvalidField) => errors.has(error.path) || errors.set(error.path, error);
  for (const name of Object.keys(schemas) as Name[]) {
    const schema = schemas[name];
    if (!schema) continue;
    const malformed = malformedText(request[name], name).slice(0, MAX_NAMED);
    for (const path of malformed) {
      const [, field = ''] = path.split('.');
      add({ path: shorten(path), message: MALFORMED, label: labelOf(schema, field) });
    }
    if (malformed.length > 0) continue;
    const result = schema.safeParse(request[name], { error: zodErrorMap, reportInput: true });
    if (result.success) parts[name] = result.data;
    for (const issue of result.error?.issues ?? []) errorsOf(issue, name, schema).forEach(add);
  }
  if (errors.size > 0) throw new ValidationError([...errors.values()]);
  return parts;
}

function errorsOf(issue: z.core.$ZodIssue, part: string, schema: z.ZodType): InvalidField[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, MAX_NAMED).map((key) => ({
      path: [part, ...issue.path, shorten(key)].join('.'),
      message: explainUnknown(schema, key),
    }));
  }
  const [field] = issue.path;
  return [
    {
      path: [part, ...issue.path].join('.'),
      message: explain(part, issue),
      label: field === undefined ? undefined : labelOf(schema, field),
    },
  ];
}

/** Cuts between code points, not within one. */
function shorten(name: string): string {
  return Array.from(name).slice(0, MAX_NAME_LENGTH).join('');
}

function explain(part: string, { input, message }: z.core.$ZodIssue): string {
  if (input === undefined) return 'is required';
  return part === 'query' && Array.isArray(input) ? 'must be given only once' : message;
}

/**
 * Finds text in a JSON value that is not valid Unicode.
 *
 * @param path of the value itself, such as `body`.
 * @returns the distinct paths of such texts; for a malformed name of a member, the path of its object.
 */
function malformedText(value: unknown, path: string): string[] {
  const found = new Set<string>();
  // Iterative: a body of 16 kB can be nested eight thousand levels deep.
  const waiting: [value: unknown, path: string][] = [[value, path]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [current, where] = next;
    if (typeof current === 'string') {
      if (LONE_SURROGATE.test(current)) found.add(where);
    } else if (typeof current === 'object' && current !== null) {
      for (const [key, child] of Object.entries(current)) {
        if (LONE_SURROGATE.test(key)) found.add(where);
        else waiting.push([child, `${where}.${key}`]);
      }
    }
  }
  return [...found];
}

/** Messages for people; a schema's own message takes precedence. */
function zodErrorMap(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${TYPE_NAMES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be one of: ${issue.values.join(', ')}`;
    case 'too_small':
      return boundMessage(issue.origin, 'at least', issue.minimum);
    case 'too_big':
      return boundMessage(issue.origin, 'at most', issue.maximum);
    default:
      return 'is not valid';
  }
}

function boundMessage(origin: string, direction: string, bound: number | bigint): string {
  if (origin !== 'string') return `must be ${direction} ${bound}`;
  if (direction === 'at least' && bound === 1) return 'must not be empty';
  return `must have ${direction} ${bound} characters`;
}

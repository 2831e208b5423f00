import type { z } from 'zod';
import { ValidationError, type InvalidField } from '../errors/index.js';
import { explainUnknown, labelOf } from './field-names.js';

/** Names chosen by the client that one response repeats; a body of 16 kB can have thousands. */
const MAX_NAMED = 20;
const MAX_NAME_LENGTH = 100;
const MALFORMED = 'must be valid Unicode (it has half a surrogate pair, or bytes that are not UTF-8)';
/** Half of a surrogate pair is no character; PostgreSQL would store another one in its place. */
const LONE_SURROGATE = /\p{Surrogate}/u;
const PARSE_OPTIONS = { error: zodErrorMap, reportInput: true };
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
    // Node decodes headers as Latin-1, which has no surrogates.
    const malformed = name === 'headers' ? [] : malformedText(request[name], name).slice(0, MAX_NAMED);
    for (const path of malformed) {
      const [, field = ''] = path.split('.');
      add({ path: shorten(path), message: MALFORMED, label: labelOf(schema, field) });
    }
    if (malformed.length > 0) continue;
    const result = schema.safeParse(request[name], PARSE_OPTIONS);
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

/** An object or array in a JSON value, and its own place in the one around it. */
interface Node {
  readonly value: object;
  readonly key: string;
  readonly parent: Node | null;
}

/**
 * Finds text in a JSON value that is not valid Unicode.
 *
 * @param name of the value itself, such as `body`.
 * @returns the distinct paths of the first such texts; for a malformed name of a member, the path of its object.
 */
function malformedText(value: unknown, name: string): string[] {
  const found = new Set<string>();
  // The root stands for an object around the value. Paths are made only for what is found: a body of 16 kB can have eight
  // thousand levels. For the same reason this is iterative.
  const waiting: Node[] = [];
  const visit = (child: unknown, key: string, parent: Node | null): void => {
    if (typeof child === 'string') {
      if (LONE_SURROGATE.test(child)) found.add(pathOf(key, parent));
    } else if (typeof child === 'object' && child !== null) waiting.push({ value: child, key, parent });
  };
  visit(value, name, null);
  for (let node = waiting.pop(); node && found.size < MAX_NAMED; node = waiting.pop()) {
    const { value: container, key, parent } = node;
    if (Array.isArray(container)) {
      for (const [index, child] of container.entries()) visit(child, String(index), node);
    } else {
      for (const [member, child] of Object.entries(container)) {
        if (LONE_SURROGATE.test(member)) found.add(pathOf(key, parent));
        else visit(child, member, node);
      }
    }
  }
  return [...found];
}

function pathOf(key: string, parent: Node | null): string {
  const path = [key];
  for (let node = parent; node; node = node.parent) path.push(node.key);
  return path.reverse().join('.');
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

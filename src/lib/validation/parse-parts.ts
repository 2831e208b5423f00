import type { z } from 'zod';
import { ValidationError, type InvalidField } from '../errors/index.js';
import { explainUnknown, labelOf } from './field-names.js';
import { malformedText } from '../http/malformed-text.js';
import { wording } from './zod-error-map.js';

/** Names made up by the client that one answer repeats; a body of 16 kB can have thousands. */
const MAX_NAMED = 20;
const MAX_NAME_LENGTH = 100;
const MALFORMED = 'must be valid Unicode (it has half a surrogate pair, or bytes that are not UTF-8)';

/**
 * Parses each part of a request (`params`, `query`, `headers`, `body`) by its schema; parts without one are left out. Text
 * that is not valid Unicode is refused wherever it stands, also in members that the schema ignores.
 *
 * @throws {ValidationError} with the errors of all parts together, one a field, each with its path: `body.dropId`.
 */
export function parseParts<Name extends string>(
  schemas: Readonly<Record<Name, z.ZodType | undefined>>,
  request: Readonly<Record<NoInfer<Name>, unknown>>,
): Partial<Record<Name, unknown>> {
  const parts: Partial<Record<Name, unknown>> = {};
  const errors = new Map<string, InvalidField>();
  // The first error of a field says the most: what is no text at all is not also too short.
  const add = (error: InvalidField) => errors.has(error.path) || errors.set(error.path, error);
  for (const name of Object.keys(schemas) as Name[]) {
    const schema = schemas[name];
    if (!schema) continue;
    const malformed = malformedText(request[name], name).slice(0, MAX_NAMED);
    for (const path of malformed) {
      const [, field = ''] = path.split('.');
      add({ path: shorten(path), message: MALFORMED, label: labelOf(schema, field) });
    }
    // What cannot be read is not judged further.
    if (malformed.length > 0) continue;
    const result = schema.safeParse(request[name], { error: wording, reportInput: true });
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

/** By whole characters. */
function shorten(name: string): string {
  return Array.from(name).slice(0, MAX_NAME_LENGTH).join('');
}

function explain(part: string, { input, message }: z.core.$ZodIssue): string {
  if (input === undefined) return 'is required';
  return part === 'query' && Array.isArray(input) ? 'must be given only once' : message;
}

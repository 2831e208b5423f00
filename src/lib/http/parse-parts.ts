import type { z } from 'zod';
import { ValidationError, type FieldError } from '../errors/index.js';
import { malformedText } from './malformed-text.js';
import { wording } from './wording.js';

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
  const errors = new Map<string, FieldError>();
  for (const name of Object.keys(schemas) as Name[]) {
    if (!schemas[name]) continue;
    for (const path of malformedText(request[name], name)) errors.set(path, { path, message: MALFORMED });
    const result = schemas[name].safeParse(request[name], { error: wording, reportInput: true });
    if (result.success) parts[name] = result.data;
    for (const issue of result.error?.issues ?? []) {
      const path = [name, ...issue.path].join('.');
      // The first says the most: what is no text at all is not also too short.
      if (!errors.has(path)) errors.set(path, { path, message: explain(name, issue) });
    }
  }
  if (errors.size > 0) throw new ValidationError([...errors.values()]);
  return parts;
}

const MALFORMED = 'must be valid Unicode (it has half a surrogate pair, or bytes that are not UTF-8)';

function explain(part: string, { input, message }: z.core.$ZodIssue): string {
  if (input === undefined) return 'is required';
  return part === 'query' && Array.isArray(input) ? 'must be given only once' : message;
}

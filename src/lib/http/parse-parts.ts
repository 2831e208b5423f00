import type { z } from 'zod';
import { ValidationError, type FieldError } from '../errors/index.js';

/**
 * Parses each part of a request (`params`, `query`, `headers`, `body`) by its schema; parts without one are left out.
 *
 * @throws {ValidationError} with the errors of all parts together, each with its path: `body.dropId`.
 */
export function parseParts<Name extends string>(
  schemas: Readonly<Record<Name, z.ZodType | undefined>>,
  request: Readonly<Record<NoInfer<Name>, unknown>>,
): Partial<Record<Name, unknown>> {
  const parts: Partial<Record<Name, unknown>> = {};
  const errors: FieldError[] = [];
  for (const name of Object.keys(schemas) as Name[]) {
    const result = schemas[name]?.safeParse(request[name], { error: missingField });
    if (result?.success) parts[name] = result.data;
    else if (result) {
      errors.push(...result.error.issues.map(({ path, message }) => ({ path: [name, ...path].join('.'), message })));
    }
  }
  if (errors.length > 0) throw new ValidationError(errors);
  return parts;
}

function missingField({ input }: { input?: unknown }): string | undefined {
  return input === undefined ? 'is required' : undefined;
}

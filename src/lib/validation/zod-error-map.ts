import type { z } from 'zod';

const KINDS: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a JSON object',
  array: 'a list',
};

/** What is wrong with a field, for people. A message of the schema's own goes before. */
export function wording(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${KINDS[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be one of: ${issue.values.join(', ')}`;
    case 'too_small':
      return boundWording(issue.origin, 'at least', issue.minimum);
    case 'too_big':
      return boundWording(issue.origin, 'at most', issue.maximum);
    default:
      return 'is not valid';
  }
}

function boundWording(origin: string, direction: string, bound: number | bigint): string {
  if (origin !== 'string') return `must be ${direction} ${bound}`;
  if (direction === 'at least' && bound === 1) return 'must not be empty';
  return `must have ${direction} ${bound} characters`;
}

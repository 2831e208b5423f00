import type { z } from 'zod';

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a JSON object',
  array: 'a list',
};

/** Messages for people; a schema's own message takes precedence. */
export function zodErrorMap(issue: z.core.$ZodRawIssue): string {
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

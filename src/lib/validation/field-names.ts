import { z } from 'zod';
import { closestName } from './closest-name.js';

interface FieldNames {
  /** What people call the field, for sentences that are shown to them. Left out: its name in words. */
  readonly label?: string;
  /** Names that clients use by mistake and that are not similar to its own. */
  readonly mistakenFor?: readonly string[];
}

/** Names of fields beside their own; registered with the schema of the field as it stands in its object. */
export const fieldNames = z.registry<FieldNames>();

/** The label of a field of an object's schema, if it has one. */
export function labelOf(schema: z.ZodType, field: PropertyKey): string | undefined {
  const shape = shapeOf(schema);
  const fieldSchema = Object.hasOwn(shape, field) ? shape[String(field)] : undefined;
  return fieldSchema && fieldNames.get(fieldSchema)?.label;
}

/** What is wrong with a member or parameter that an object's schema does not have, and what was probably meant. */
export function explainUnknown(schema: z.ZodType, unknown: string): string {
  const known = new Map<string, string>();
  for (const [name, field] of Object.entries(shapeOf(schema))) {
    for (const other of [name, ...(fieldNames.get(field)?.mistakenFor ?? [])]) known.set(other, name);
  }
  const meant = known.get(closestName(unknown, [...known.keys()]) ?? '');
  const names = [...new Set(known.values())].join(', ') || 'none';
  return `is not known${meant === undefined ? '' : `; did you mean ${meant}?`} (known here: ${names})`;
}

function shapeOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> {
  let inner: unknown = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodNullable) inner = inner.unwrap();
  return inner instanceof z.ZodObject ? inner.shape : {};
}

import { z } from 'zod';
import { closestName } from './closest-name.js';

interface FieldNames {
  /** The name for people, in messages; by default derived from the field's name. */
  readonly label?: string;
  /** Names that clients use by mistake and that are not similar to the field's. */
  readonly mistakenFor?: readonly string[];
}

/** Further names of fields, registered with the field's schema. */
export const fieldNames = z.registry<FieldNames>();

export function labelOf(schema: z.ZodType, field: PropertyKey): string | undefined {
  const shape = shapeOf(schema);
  const fieldSchema = Object.hasOwn(shape, field) ? shape[String(field)] : undefined;
  return fieldSchema && namesOf(fieldSchema)?.label;
}

/** The further names of a field, registered with its schema or with the one that it makes optional. */
function namesOf(schema: z.ZodType): FieldNames | undefined {
  const names = fieldNames.get(schema);
  if (names || !(schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)) return names;
  return namesOf(schema.unwrap() as z.ZodType);
}

/** The message for an unknown member or parameter, with the name that was probably meant. */
export function explainUnknown(schema: z.ZodType, unknown: string): string {
  const known = new Map<string, string>();
  for (const [name, field] of Object.entries(shapeOf(schema))) {
    for (const other of [name, ...(namesOf(field)?.mistakenFor ?? [])]) known.set(other, name);
  }
  const meant = known.get(closestName(unknown, [...known.keys()]) ?? '');
  const names = [...new Set(known.values())].join(', ') || 'none';
  return `is not known${meant === undefined ? '' : `; did you mean ${meant}?`} (known here: ${names})`;
}

function shapeOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> {
  let inner: unknown = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodNullable || inner instanceof z.ZodDefault)
    inner = inner.unwrap();
  return inner instanceof z.ZodObject ? inner.shape : {};
}

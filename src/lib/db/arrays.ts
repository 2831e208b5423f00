import { Prisma } from '../../generated/prisma/client.js';

/**
 * An array of UUIDs as an SQL expression, sent as one text. Prisma and the driver convert each element of an array: with the
 * four arrays of a batch of 256, that was a quarter of this process's work for the batch.
 */
export function uuidArray(ids: readonly string[]): Prisma.Sql {
  return Prisma.sql`string_to_array(${ids.join(',')}, ',')::uuid[]`;
}

/** The same for texts without line breaks. Null and the empty text both become NULL. */
export function textArray(lines: readonly (string | null)[]): Prisma.Sql {
  return Prisma.sql`string_to_array(${lines.map((line) => line ?? '').join('\n')}, chr(10), '')`;
}

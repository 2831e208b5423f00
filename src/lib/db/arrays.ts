import { Prisma } from '../../generated/prisma/client.js';

/**
 * An array of UUIDs as an SQL expression, sent as one text. Sent as an array, each of its elements would be looked at by
 * Prisma and by the driver: with the four arrays of a batch of 256, that was a quarter of this process's work for it.
 */
export function uuidArray(ids: readonly string[]): Prisma.Sql {
  return Prisma.sql`string_to_array(${ids.join(',')}, ',')::uuid[]`;
}

/** The same for texts of one line, null where there is none. An empty text becomes null too. */
export function textArray(lines: readonly (string | null)[]): Prisma.Sql {
  return Prisma.sql`string_to_array(${lines.map((line) => line ?? '').join('\n')}, chr(10), '')`;
}

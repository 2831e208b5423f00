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

/**
 * The columns of a table with an alias, for a raw query: `u.created_at AS "createdAt"`.
 *
 * @param columns the columns by their names in the row's type.
 * @param names of those that are listed; by default all.
 */
export function columnList<Columns extends Readonly<Record<string, string>>>(
  alias: string,
  columns: Columns,
  names = Object.keys(columns) as (keyof Columns & string)[],
): string {
  return names.map((name) => `${alias}.${columns[name]} AS "${name}"`).join(', ');
}

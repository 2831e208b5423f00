import { Prisma } from '../../generated/prisma/client.js';

/**
 * UUIDs as one text, for `string_to_array(…, ',')::uuid[]` in a statement. Prisma and the driver would convert each element of
 * an array, which is much of the work for a batch.
 */
export function uuidList(ids: readonly string[]): string {
  return ids.join(',');
}

/** The same for texts without line breaks, for `string_to_array(…, chr(10), '')`. Null and the empty text both become NULL. */
export function textList(lines: readonly (string | null)[]): string {
  return lines.map((line) => line ?? '').join('\n');
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

/** A time in the form of the API, as toIso() writes it, for JSON that PostgreSQL builds. `column` is SQL. */
export function isoColumn(column: string): Prisma.Sql {
  return Prisma.raw(`to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`);
}

/**
 * The columns of a table with an alias, for a raw query: `d.total_stock AS "totalStock"`.
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

/** Columns of a table by the names that they have in a row's type. */
type StoredColumns = Readonly<Record<string, string>>;

/** The named columns of a table with an alias, for a raw query: `d.total_stock AS "totalStock"`. */
export function columnList<Columns extends StoredColumns>(
  alias: string,
  columns: Columns,
  names = Object.keys(columns) as (keyof Columns & string)[],
): string {
  return names.map((name) => `${alias}.${columns[name]} AS "${name}"`).join(', ');
}

import type { TestDatabase } from '../../helpers/database.js';

/** The parts of a database that a Prisma schema can express. */
export interface Catalog {
  tables: string[];
  columns: { column: string; type: string; required: boolean; default: string | null }[];
  enums: { name: string; values: string[] }[];
  indexes: { name: string; table: string; kind: 'id' | 'unique' | 'normal'; columns: string[] }[];
  foreignKeys: { name: string; from: string; to: string; onDelete: string; onUpdate: string }[];
}

/** The parts of a database that only SQL migrations can express, as PostgreSQL prints them. */
export interface SqlOnlyObjects {
  checks: string[];
  /** Partial indexes and indexes on expressions, by name. */
  indexes: Record<string, string>;
  triggers: string[];
}

const IS_OWN_TABLE = `relnamespace = 'public'::regnamespace AND relname NOT LIKE '\\_prisma%'`;

/** Reads the parts of the database that Prisma's schema has to describe. */
export async function readCatalog(db: TestDatabase): Promise<Catalog> {
  const [tables, columns, enums, indexes, foreignKeys] = await Promise.all([
    db.query<{ relname: string }>(
      `SELECT relname FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND ${IS_OWN_TABLE}`,
    ),
    db.query<Catalog['columns'][number]>(
      `SELECT relname || '.' || attname AS "column", format_type(atttypid, atttypmod) AS type, attnotnull AS required,
              pg_get_expr(adbin, adrelid) AS default
         FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE relkind = 'r' AND attnum > 0 AND NOT attisdropped AND ${IS_OWN_TABLE}`,
    ),
    db.query<Catalog['enums'][number]>(
      `SELECT typname AS name, array_agg(enumlabel::text ORDER BY enumsortorder) AS values
         FROM pg_type JOIN pg_enum ON enumtypid = pg_type.oid
        WHERE typnamespace = 'public'::regnamespace GROUP BY typname`,
    ),
    // Option 3 is a descending column with NULLs first, the default of SQL. Other options appear as numbers and fail the test.
    db.query<Catalog['indexes'][number]>(
      `SELECT indexes.relname AS name, tables.relname AS "table",
              CASE WHEN indisprimary THEN 'id' WHEN indisunique THEN 'unique' ELSE 'normal' END AS kind,
              (SELECT array_agg(attname || CASE indoption[k] WHEN 0 THEN '' WHEN 3 THEN ' desc' ELSE ' option ' || indoption[k] END ORDER BY k)
                 FROM generate_series(0, indnatts - 1) k JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[k]) AS columns
         FROM pg_index JOIN pg_class indexes ON indexes.oid = indexrelid
              JOIN (SELECT oid, relname FROM pg_class WHERE ${IS_OWN_TABLE}) tables ON tables.oid = indrelid
        WHERE indpred IS NULL AND indexprs IS NULL AND indisvalid`,
    ),
    db.query<Catalog['foreignKeys'][number]>(
      `SELECT conname AS name, ${columnsOf('conrelid', 'conkey')} AS from, ${columnsOf('confrelid', 'confkey')} AS to,
              ${actionOf('confdeltype')} AS "onDelete", ${actionOf('confupdtype')} AS "onUpdate"
         FROM pg_constraint
        WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND convalidated AND NOT condeferrable`,
    ),
  ]);
  return sorted({
    tables: tables.rows.map(({ relname }) => relname),
    columns: columns.rows,
    enums: enums.rows,
    indexes: indexes.rows,
    foreignKeys: foreignKeys.rows,
  });
}

/** Returns the catalog with every list sorted by name. */
export function sorted(catalog: Catalog): Catalog {
  return {
    tables: catalog.tables.toSorted(),
    columns: sortedBy(catalog.columns, ({ column }) => column),
    enums: sortedBy(catalog.enums, ({ name }) => name),
    indexes: sortedBy(catalog.indexes, ({ name }) => name),
    foreignKeys: sortedBy(catalog.foreignKeys, ({ name }) => name),
  };
}

function sortedBy<T>(items: T[], keyOf: (item: T) => string): T[] {
  return items.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** Reads validated constraints, valid indexes and enabled triggers that Prisma cannot express. */
export async function readSqlOnlyObjects(db: TestDatabase): Promise<SqlOnlyObjects> {
  const [checks, indexes, triggers] = await Promise.all([
    db.query<{ conname: string }>(
      `SELECT conname FROM pg_constraint
        WHERE contype = 'c' AND connamespace = 'public'::regnamespace AND convalidated`,
    ),
    db.query<{ name: string; definition: string }>(
      `SELECT indexrelid::regclass AS name, pg_get_indexdef(indexrelid) AS definition
         FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
        WHERE (indpred IS NOT NULL OR indexprs IS NOT NULL) AND indisvalid AND ${IS_OWN_TABLE}`,
    ),
    db.query<{ definition: string }>(
      `SELECT pg_get_triggerdef(pg_trigger.oid) AS definition
         FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE NOT tgisinternal AND tgenabled = 'O' AND ${IS_OWN_TABLE}`,
    ),
  ]);
  return {
    checks: checks.rows.map(({ conname }) => conname).toSorted(),
    indexes: Object.fromEntries(indexes.rows.map(({ name, definition }) => [name, definition])),
    triggers: triggers.rows.map(({ definition }) => definition).toSorted(),
  };
}

/** Returns SQL for `table(column, …)` in the order of the key. */
function columnsOf(table: string, key: string): string {
  return `(SELECT ${table}::regclass || '(' || string_agg(attname, ', ' ORDER BY place) || ')'
             FROM unnest(${key}) WITH ORDINALITY AS keys(number, place) JOIN pg_attribute ON attrelid = ${table} AND attnum = number)`;
}

/** Returns SQL for Prisma's name of a foreign key action. */
function actionOf(type: string): string {
  return `CASE ${type} WHEN 'r' THEN 'Restrict' WHEN 'c' THEN 'Cascade' WHEN 'n' THEN 'SetNull' WHEN 'd' THEN 'SetDefault' ELSE 'NoAction' END`;
}

import { sorted } from './catalog.js';
import type { Catalog } from './catalog.js';
import type { Datamodel, ModelField } from './prisma-cli.js';

/** PostgreSQL's names of the Prisma types that this schema uses; other types fail the comparison by name. */
const TYPES: Record<string, string> = {
  String: 'text',
  Int: 'integer',
  BigInt: 'bigint',
  Boolean: 'boolean',
  'String Uuid': 'uuid',
  'Decimal Decimal(10,2)': 'numeric(10,2)',
  'Decimal Decimal(18,2)': 'numeric(18,2)',
  Json: 'jsonb',
  'DateTime Timestamptz(3)': 'timestamp(3) with time zone',
};

/** Returns the catalog that a Prisma schema describes, with Prisma's default names where the schema gives none. */
export function catalogOf(datamodel: Datamodel): Catalog {
  const { tableOf, columnOf } = names(datamodel);
  const columns = datamodel.models.flatMap(({ name, fields }) =>
    fields
      .filter(({ kind }) => kind !== 'object')
      .map((field) => ({
        column: `${tableOf(name)}.${columnOf(name, field.name)}`,
        type: typeOf(field, datamodel),
        required: field.isRequired,
        default: defaultOf(field, datamodel),
      })),
  );
  const indexes = datamodel.indexes.map(({ model, type, dbName, fields }) => {
    const table = tableOf(model);
    const plain = fields.map(({ name }) => columnOf(model, name));
    return {
      name:
        dbName ??
        (type === 'id' ? `${table}_pkey` : `${table}_${plain.join('_')}_${type === 'unique' ? 'key' : 'idx'}`),
      table,
      kind: type === 'fulltext' ? ('normal' as const) : type,
      columns: plain.map((column, index) => (fields[index]?.sortOrder === 'desc' ? `${column} desc` : column)),
    };
  });
  const foreignKeys = datamodel.models.flatMap(({ name, fields }) =>
    fields
      .filter(({ relationFromFields = [] }) => relationFromFields.length > 0)
      .map(({ type, relationFromFields = [], relationToFields = [], relationOnDelete, relationOnUpdate }) => {
        const own = relationFromFields.map((field) => columnOf(name, field));
        const other = relationToFields.map((field) => columnOf(type, field));
        return {
          name: `${tableOf(name)}_${own.join('_')}_fkey`,
          from: `${tableOf(name)}(${own.join(', ')})`,
          to: `${tableOf(type)}(${other.join(', ')})`,
          onDelete: relationOnDelete ?? 'unspecified',
          onUpdate: relationOnUpdate ?? 'unspecified',
        };
      }),
  );
  const enums = datamodel.enums.map(({ name, dbName, values }) => ({
    name: dbName ?? name,
    values: values.map((value) => value.dbName ?? value.name),
  }));
  return sorted({ tables: datamodel.models.map(({ name }) => tableOf(name)), columns, enums, indexes, foreignKeys });
}

/** Returns the columns with `@default(dbgenerated())`: the database fills them by rules that Prisma's schema does not contain. */
export function columnsSetByTriggers(datamodel: Datamodel): string[] {
  const { tableOf, columnOf } = names(datamodel);
  return datamodel.models.flatMap(({ name, fields }) =>
    fields
      .filter(
        ({ default: value }) => typeof value === 'object' && value.name === 'dbgenerated' && value.args.length === 0,
      )
      .map((field) => `${tableOf(name)}.${columnOf(name, field.name)}`),
  );
}

function names({ models }: Datamodel) {
  const modelOf = (name: string) => {
    const model = models.find((candidate) => candidate.name === name);
    if (model === undefined) throw new Error(`There is no model ${name}`);
    return model;
  };
  return {
    tableOf: (model: string): string => modelOf(model).dbName ?? model,
    columnOf: (model: string, field: string): string =>
      modelOf(model).fields.find(({ name }) => name === field)?.dbName ?? field,
  };
}

function typeOf({ kind, type, nativeType, isList }: ModelField, { enums }: Datamodel): string {
  const array = isList ? '[]' : '';
  if (kind === 'enum') return `${enums.find(({ name }) => name === type)?.dbName ?? type}${array}`;
  const [native, args] = nativeType ?? ['', []];
  const prismaType = [type, native && native + (args.length > 0 ? `(${args.join(',')})` : '')]
    .filter(Boolean)
    .join(' ');
  return `${TYPES[prismaType] ?? `unknown: ${prismaType}`}${array}`;
}

function defaultOf(field: ModelField, { enums }: Datamodel): string | null {
  const { default: value, kind, type } = field;
  if (value === undefined) return null;
  if (typeof value !== 'object') {
    if (type === 'String') return `'${value}'::text`;
    return kind === 'enum' ? `'${value}'::${enums.find(({ name }) => name === type)?.dbName ?? type}` : String(value);
  }
  if (value.name === 'now') return 'CURRENT_TIMESTAMP';
  if (value.name === 'dbgenerated') return value.args.length === 0 ? null : String(value.args[0]);
  // Prisma's client computes uuid(), cuid() and the like; a plain INSERT gets no value.
  return `made by Prisma's client: ${value.name}()`;
}

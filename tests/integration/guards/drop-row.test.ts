import { afterAll, beforeAll, expect, expectTypeOf, it } from 'vitest';
import { Prisma, type Drop } from '../../../src/generated/prisma/client.js';
import { DETAILED_DROP_COLUMNS, type DetailedDropRow } from '../../../src/inventory/drop-row.js';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { EVERY_COLUMN } from '../../helpers/drop.js';

/** Columns that serve only idempotency, those that only decide the status, and one that only orders a list. */
const OMITTED = [
  'createdBy',
  'idempotencyKey',
  'requestHash',
  'publishedAt',
  'pausedAt',
  'cancelledAt',
  'isSoldOut',
] as const;
/** Values that the database computes. */
const COMPUTED = ['status', 'readAt'] as const;

let app: TestApp;
let row: DetailedDropRow;
let byPrisma: Drop;

beforeAll(async () => {
  app = await startTestApp();
  const id = await app.createDrop(EVERY_COLUMN);
  byPrisma = await app.context.db.drop.findUniqueOrThrow({ where: { id } });
  const rows = await app.context.db.$queryRaw<
    DetailedDropRow[]
  >`SELECT ${DETAILED_DROP_COLUMNS} FROM drops d WHERE d.id = ${id}::uuid`;
  if (!rows[0]) throw new Error('the drop exists');
  row = rows[0];
});
afterAll(() => app.close());

it("a query returns every column of Prisma's model except those that only the database needs", () => {
  const stored = Object.keys(Prisma.DropScalarFieldEnum).filter((name) => !OMITTED.some((each) => each === name));
  expect(Object.keys(row).sort()).toEqual([...stored, ...COMPUTED].sort());
});

it('the row type has exactly these columns', () => {
  expectTypeOf<keyof DetailedDropRow>().toEqualTypeOf<
    Exclude<keyof Drop, (typeof OMITTED)[number]> | (typeof COMPUTED)[number]
  >();
});

it('each column has the value that Prisma reads', () => {
  const { status: _status, readAt: _readAt, ...stored } = row;
  const expected = Object.fromEntries(
    Object.entries(byPrisma).filter(([name]) => !OMITTED.some((omitted) => omitted === name)),
  );
  expect(stored).toEqual(expected);
  const unset = Object.entries(expected).filter(([, value]) => value === null);
  expect(unset).toEqual([]);
});

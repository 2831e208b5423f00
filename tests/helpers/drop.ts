import type { DropResponse } from '../../src/modules/drops/drops.schema.js';
import type { TestDatabase } from './database.js';

const TIME = '2030-01-01T00:00:00.000Z';

/** A drop as the API shows it. The one place in the tests that lists its members. */
export const DROP: DropResponse = {
  id: '00000000-0000-4000-8000-00000000d209',
  name: 'Aurora Runner',
  price: '175.00',
  currency: 'USD',
  description: null,
  totalStock: 10,
  availableStock: 4,
  reservedStock: 3,
  soldStock: 3,
  version: 7,
  status: 'live',
  availability: 'available',
  limitPerUser: null,
  holdSeconds: 60,
  imageUrl: null,
  dropStartsAt: TIME,
  dropEndsAt: null,
  createdAt: TIME,
  updatedAt: TIME,
  topPurchasers: [],
};

/** The members of a drop, as they are promised to clients. */
export const DROP_MEMBERS: readonly string[] = Object.keys(DROP);

/** Columns of the table `drops`, by their names in SQL. */
export type DropColumns = Readonly<Record<string, unknown>>;

/** A value for every column that a client sees and that could be null. */
export const EVERY_COLUMN: DropColumns = {
  name: 'Every column',
  currency: 'EUR',
  description: 'First line\nSecond line',
  total_stock: 12,
  reserved_stock: 2,
  sold_stock: 3,
  available_stock: 7,
  image_url: '/images/a.svg',
  limit_per_user: 4,
  hold_seconds: 120,
  drop_starts_at: '2030-01-01T00:00:00Z',
  drop_ends_at: '2030-02-01T00:00:00Z',
  paused_at: '2029-01-01T00:00:00Z',
  cancelled_at: '2029-02-01T00:00:00Z',
};

/** Inserts a live drop; any column may be given. Returns its id. */
export async function insertDrop(database: Pick<TestDatabase, 'query'>, columns: DropColumns = {}): Promise<string> {
  const row: DropColumns = { name: 'Test drop', price: '10.00', total_stock: 10, ...columns };
  const names = Object.keys(row);
  const { rows } = await database.query<{ id: string }>(
    `INSERT INTO drops (${names.join()}) VALUES (${names.map((_, index) => `$${index + 1}`).join()}) RETURNING id`,
    Object.values(row),
  );
  if (!rows[0]) throw new Error('no drop was inserted');
  return rows[0].id;
}

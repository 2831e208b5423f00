import type { Benchmark } from '../benchmark.js';
import { serviceLayer } from '../harness/hot-drop.js';
import { pgbenchVariant } from '../harness/pgbench.js';

const BATCH = 256;

/** The columns and defaults of a reservation, with the primary key as the only index. */
const HOLDS_TABLE = 'CREATE TABLE holds (LIKE reservations INCLUDING DEFAULTS, PRIMARY KEY (id))';
const insertHolds = (rows: number) =>
  `INSERT INTO holds (user_id, drop_id) SELECT gen_random_uuid(), gen_random_uuid() FROM generate_series(1, ${rows});`;

/** Reservations of one drop by 256 concurrent calls in the process of the service. */
export const hotDropService: Benchmark = {
  name: 'hot-drop-service',
  title: 'Hot drop, service layer',
  unit: 'reservations/s',
  better: 'higher',
  subject: 'ours',
  variants: [
    serviceLayer({ name: 'ours', title: 'ours' }),
    serviceLayer({
      name: 'one-transaction',
      title: 'one Prisma transaction per request',
      implementation: 'one-transaction',
    }),
    serviceLayer({
      name: 'sequelize-like',
      title: 'one transaction per request as an active-record ORM sends it, on pg',
      implementation: 'sequelize-like',
    }),
    pgbenchVariant({
      name: 'one-row-commits',
      title: 'PostgreSQL: commits that update the same row, 16 clients (pgbench)',
      clients: 16,
      setUp: 'CREATE TABLE hot (id int PRIMARY KEY, available int NOT NULL); INSERT INTO hot VALUES (1, 2000000000)',
      transaction: 'UPDATE hot SET available = available - 1 WHERE id = 1;',
      rowsPerTransaction: 1,
    }),
    pgbenchVariant({
      name: 'row-a-commit',
      title: 'PostgreSQL: commits that insert one row each, 16 clients (pgbench)',
      clients: 16,
      setUp: HOLDS_TABLE,
      transaction: insertHolds(1),
      rowsPerTransaction: 1,
    }),
    pgbenchVariant({
      name: 'batch-insert',
      title: `PostgreSQL: rows inserted ${BATCH} per commit, one client (pgbench)`,
      clients: 1,
      setUp: HOLDS_TABLE,
      transaction: insertHolds(BATCH),
      rowsPerTransaction: BATCH,
    }),
  ],
};

const dropForeignKey = (column: string) => `ALTER TABLE reservations DROP CONSTRAINT reservations_${column}_fkey;`;
const NO_FOREIGN_KEYS = ['user_id', 'drop_id'].map(dropForeignKey).join('');
// The partial indexes stay: the service's statements find holds by them.
const NO_GUARD_INDEXES = `
  ALTER TABLE purchases DROP CONSTRAINT purchases_reservation_id_user_id_drop_id_fkey;
  DROP INDEX reservations_id_user_id_drop_id_key, reservations_user_id_idempotency_key_key;`;

/** The same without some of PostgreSQL's work for a hold, or with more of it. */
export const costOfAHold: Benchmark = {
  name: 'cost-of-a-hold',
  title: "Hot drop, service layer: PostgreSQL's cost of a hold",
  unit: 'reservations/s',
  better: 'higher',
  subject: 'ours',
  variants: [
    serviceLayer({ name: 'ours', title: 'ours' }),
    serviceLayer({
      name: 'planned-anew',
      title: 'without prepared statements, as behind a pooler',
      connection: { pgbouncer: 'true' },
    }),
    serviceLayer({
      name: 'no-user-key',
      title: 'without the foreign key to users',
      setUp: dropForeignKey('user_id'),
    }),
    serviceLayer({ name: 'no-foreign-keys', title: 'without both foreign keys', setUp: NO_FOREIGN_KEYS }),
    serviceLayer({ name: 'no-indexes', title: 'without the indexes of constraints', setUp: NO_GUARD_INDEXES }),
    serviceLayer({
      name: 'none',
      title: 'without foreign keys and indexes of constraints',
      setUp: NO_FOREIGN_KEYS + NO_GUARD_INDEXES,
    }),
  ],
};

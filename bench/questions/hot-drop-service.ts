import { serviceLayer } from '../harness/hot-drop.js';
import { runPgbench } from '../harness/pgbench.js';
import type { Question, Variant } from '../question.js';

const BATCH = 256;

/** A reservation's columns and defaults, and of its indexes and keys the primary one alone. */
const HOLDS_TABLE = 'CREATE TABLE holds (LIKE reservations INCLUDING DEFAULTS, PRIMARY KEY (id))';
const insertHolds = (rows: number) =>
  `INSERT INTO holds (user_id, drop_id) SELECT gen_random_uuid(), gen_random_uuid() FROM generate_series(1, ${rows});`;

/** 256 callers in the process of the service, one drop: reservations a second. */
export const hotDropService: Question = {
  name: 'hot-drop-service',
  title: 'Hot drop, service layer',
  unit: 'reservations/s',
  better: 'higher',
  subject: 'ours',
  baseline: 'one-transaction',
  variants: [
    serviceLayer({ name: 'ours', title: 'ours' }),
    serviceLayer({
      name: 'one-transaction',
      title: 'one Prisma transaction a request',
      reserver: 'one-transaction',
    }),
    serviceLayer({
      name: 'sequelize-like',
      title: 'one transaction a request as an active-record ORM sends it, on pg',
      reserver: 'sequelize-like',
    }),
    pgbench({
      name: 'one-row-commits',
      title: 'PostgreSQL: commits that change one row, 16 clients (pgbench)',
      clients: 16,
      setUp: 'CREATE TABLE hot (id int PRIMARY KEY, available int NOT NULL); INSERT INTO hot VALUES (1, 2000000000)',
      transaction: 'UPDATE hot SET available = available - 1 WHERE id = 1;',
      rows: 1,
    }),
    pgbench({
      name: 'row-a-commit',
      title: 'PostgreSQL: commits that insert one row each, 16 clients (pgbench)',
      clients: 16,
      setUp: HOLDS_TABLE,
      transaction: insertHolds(1),
      rows: 1,
    }),
    pgbench({
      name: 'batch-insert',
      title: `PostgreSQL: rows inserted ${BATCH} a commit, one client (pgbench)`,
      clients: 1,
      setUp: HOLDS_TABLE,
      transaction: insertHolds(BATCH),
      rows: BATCH,
    }),
  ],
};

function pgbench({ name, title, clients, setUp, transaction, rows }: PgbenchVariant): Variant {
  return {
    name,
    title,
    needsPgbench: true,
    async measure({ pgbench: program, window, signal }, database) {
      if (program === null) throw new Error('pgbench is not here');
      await database.query(setUp);
      const run = { program, databaseUrl: database.url, script: transaction, clients, window, signal };
      return { value: rows * (await runPgbench(run)), facts: {}, violations: [] };
    },
  };
}

interface PgbenchVariant {
  readonly name: string;
  readonly title: string;
  readonly clients: number;
  /** SQL, once. */
  readonly setUp: string;
  /** SQL of one transaction. */
  readonly transaction: string;
  /** How many rows a transaction writes. */
  readonly rows: number;
}

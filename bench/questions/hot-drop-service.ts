import { violationsOfHolds, violationsOfOutcomes } from '../harness/invariants.js';
import { runPgbench } from '../harness/pgbench.js';
import type { CallersPlan } from '../processes/callers.js';
import type { Reading } from '../processes/meter.js';
import type { Bench, Question, Variant } from '../question.js';
import type { ReserverName } from '../variants/open-reserver.js';

/** More than can be reserved meanwhile. */
const STOCK = 900_000;
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
    reserver('ours', 'ours'),
    reserver('one-transaction', 'one Prisma transaction a request'),
    reserver('sequelize-like', 'one transaction a request as an active-record ORM sends it, on pg'),
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

function reserver(name: ReserverName, title: string): Variant {
  return {
    name,
    title,
    async measure({ children, crowd, connections, warmUp, window }: Bench, database) {
      const dropId = await database.createDrop(STOCK);
      const plan: CallersPlan = {
        reserver: name,
        databaseUrl: database.url,
        dropId,
        crowd,
        callers: connections,
        warmUp,
        window,
      };
      const { perSecond, outcomes, latencies } = await children.run<Reading>('callers', plan);
      return {
        value: perSecond,
        facts: { 'p50, ms': latencies.p50, 'p99, ms': latencies.p99 },
        violations: [
          ...violationsOfOutcomes(outcomes, ['granted']),
          ...(await violationsOfHolds(database, dropId, outcomes.granted ?? 0)),
        ],
      };
    },
  };
}

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

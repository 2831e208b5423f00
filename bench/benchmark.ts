import type { Children } from './harness/children.js';
import type { BenchDatabase, BenchPostgres, Template } from './harness/database.js';
import type { Program, Programs } from './harness/programs.js';

export interface Bench {
  readonly postgres: BenchPostgres;
  readonly children: Children;
  /** Aborts all runs. */
  readonly signal: AbortSignal;
  /** Users in every database: `loadUser(0)` to `loadUser(userCount - 1)`. */
  readonly userCount: number;
  /** A token for each user, one per line. */
  readonly tokensFile: string;
  readonly programs: Programs;
  /** A tenth of the rows and shorter runs. */
  readonly quick: boolean;
  readonly connections: number;
  readonly warmUpMs: number;
  readonly windowMs: number;
}

/** The outcome of one run of one variant. */
export interface Measurement {
  /** In the benchmark's unit. */
  readonly value: number;
  /** Further columns of the table, by heading. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Broken invariants. Any entry leads to exit code 1. */
  readonly violations: readonly string[];
}

/** One of the implementations that a benchmark compares. */
export interface Variant {
  readonly name: string;
  /** Label in the tables. */
  readonly title: string;
  /** Without it the variant is skipped. */
  readonly needs?: Program;
  /** What its databases are copied from, if they contain more than the load users. */
  readonly template?: Template;
  run(bench: Bench, database: BenchDatabase): Promise<Measurement>;
}

/** Compares the variant `subject` with each of the other variants, or measures it alone. */
export interface Benchmark {
  /** Key for `--only` and for the goals. */
  readonly name: string;
  readonly title: string;
  /** Unit of {@link Measurement.value}. */
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  /** The variant whose ratio to each of the others is reported. */
  readonly subject: string;
  readonly variants: readonly Variant[];
  /** Concurrent requests, if not the default. */
  readonly connections?: number;
  /** What else has to be known of the result, such as the load generator that this machine has. */
  describe?(bench: Bench): string;
  /** Fills one database that all runs share. Without it each run gets a fresh database. */
  prepare?(bench: Bench, database: BenchDatabase): Promise<void>;
}

import type { BenchDatabase, BenchPostgres } from './harness/database.js';
import type { Children } from './harness/children.js';

/** What a measurement has at hand. */
export interface Bench {
  readonly postgres: BenchPostgres;
  readonly children: Children;
  /** Fires when somebody wants the whole run to end. */
  readonly signal: AbortSignal;
  /** How many users every database holds; `crowdUser(0)` to `crowdUser(crowd - 1)`. */
  readonly crowd: number;
  /** A token for each of them, one a line. */
  readonly tokensFile: string;
  /** Path of pgbench, where it was found. */
  readonly pgbench: string | null;
  /** A tenth of the rows, shorter runs. */
  readonly quick: boolean;
  /** How many ask at once. */
  readonly connections: number;
  /** ms before counting begins. */
  readonly warmUp: number;
  /** ms that are counted. */
  readonly window: number;
}

/** What one run of one variant gave. */
export interface Measurement {
  /** In the question's unit. */
  readonly value: number;
  /** What else is worth a column, by its heading. */
  readonly facts: Readonly<Record<string, number>>;
  /** What must never be; anything here ends in exit code 1. */
  readonly violations: readonly string[];
}

/** One of the ways that are compared. */
export interface Variant {
  readonly name: string;
  /** What the tables call it. */
  readonly title: string;
  readonly needsPgbench?: boolean;
  measure(bench: Bench, database: BenchDatabase): Promise<Measurement>;
}

/** A question that measuring answers: how does `subject` compare with each of the other variants? */
export interface Question {
  /** For `--only`, and for the goals. */
  readonly name: string;
  readonly title: string;
  /** Of a measurement's value. */
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  /** The variant whose ratio to each of the others is given. */
  readonly subject: string;
  /** The variant that opens and closes every round: if its two runs differ too much, the round does not count. */
  readonly baseline: string;
  readonly variants: readonly Variant[];
  /** Fills the one database that all runs share. Without it each run has a fresh one. */
  fill?(bench: Bench, database: BenchDatabase): Promise<void>;
}

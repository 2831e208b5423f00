import type { Logger } from '../../src/lib/logger.js';
import { figureGoals, goals } from '../goals.js';
import type { Bench, Measurement, Question, Variant } from '../question.js';
import { answerOf, type Answer } from './answer.js';
import type { BenchDatabase } from './database.js';
import { violationsOfStock } from './invariants.js';
import type { Progress } from './progress.js';
import { measureInRounds } from './rounds.js';

/** What became of a question: its figures, or why there are none; and what must never have been. */
export interface Asked {
  readonly answer: Answer | 'too noisy' | 'failed';
  readonly violations: readonly string[];
}

interface AskOptions {
  readonly bench: Bench;
  readonly question: Question;
  readonly rounds: number;
  readonly logger: Logger;
  readonly progress: Progress;
}

/** Whether a quick run asks it: whether a ratio is promised of it. Figures by themselves want rounds, and a quiet machine. */
export function hasGoals({ name }: Question): boolean {
  return goals.some(({ question }) => question === name);
}

/** The variants of a question that can and shall be measured here. */
export function variantsFor(question: Question, { quick, pgbench }: Pick<Bench, 'quick' | 'pgbench'>): Variant[] {
  const needed = (name: string) =>
    [question.subject, question.baseline].includes(name) ||
    goals.some((goal) => goal.question === question.name && goal.over === name);
  return question.variants.filter(
    ({ name, needsPgbench }) => (pgbench !== null || !needsPgbench) && (!quick || needed(name)),
  );
}

/** How many runs a round has: each variant one, the baseline two. */
export function runsPerRound(question: Question, bench: Pick<Bench, 'quick' | 'pgbench'>): number {
  return variantsFor(question, bench).length + 1;
}

/** Measures all variants of a question in rounds, each run on a database of its own unless the question fills one. */
export async function ask({ question, rounds, logger, progress, ...options }: AskOptions): Promise<Asked> {
  const bench = { ...options.bench, connections: question.connections ?? options.bench.connections };
  const violations: string[] = [];
  const variants = variantsFor(question, bench);
  const shared = question.fill ? await filled(bench, question) : null;

  function report(where: string, found: readonly string[]): void {
    for (const text of found) progress.note(`!!! VIOLATED: ${question.name}, ${where}: ${text}`);
    violations.push(...found.map((text) => `${question.name}, ${where}: ${text}`));
  }

  async function measure(name: string): Promise<Measurement> {
    bench.signal.throwIfAborted();
    const variant = variants.find((each) => each.name === name);
    if (!variant) throw new Error(`${question.name} has no variant ${name}`);
    progress.begin(`${question.name}: ${name}`);
    const database = shared ?? (await bench.postgres.createDatabase());
    try {
      const measurement = await variant.measure(bench, database);
      report(name, measurement.violations);
      if (!shared) report(name, await violationsOfStock(database.url, logger));
      progress.end(`${formatValue(measurement.value)} ${question.unit}`);
      return measurement;
    } finally {
      if (!shared) await database.drop();
    }
  }

  try {
    const result = await measureInRounds({
      question,
      others: variants.map(({ name }) => name).filter((name) => name !== question.baseline),
      rounds,
      // A quick run has to be over soon.
      maxRepeats: bench.quick ? 1 : rounds,
      measure,
      onRepeat: () => {
        progress.more(runsPerRound(question, bench));
        progress.note(`${question.name}: the baseline's two runs differ by more than half; the round is repeated`);
      },
    });
    if (shared) report('after all runs', await violationsOfStock(shared.url, logger));
    return {
      answer: result.tooNoisy
        ? 'too noisy'
        : { ...answerOf(question, result, goals, figureGoals), connections: bench.connections },
      violations,
    };
  } finally {
    await shared?.drop();
  }
}

async function filled(bench: Bench, question: Question): Promise<BenchDatabase> {
  const database = await bench.postgres.createDatabase();
  await question.fill?.(bench, database);
  return database;
}

/** Three digits that say something. */
export function formatValue(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en').replaceAll(',', ' ');
  return String(Number(value.toPrecision(3)));
}

import { join } from 'node:path';
import { runCommand } from '../src/commands/run-command.js';
import { describeFailure } from '../src/lib/errors/operator-error.js';
import { createLogger } from '../src/lib/logger.js';
import { ask, hasGoals, runsPerRound, type Asked } from './harness/ask.js';
import { SERVER_SETTINGS } from './harness/database.js';
import { describeCommit, describeMachine, type Machine } from './harness/machine.js';
import { openBench } from './harness/open-bench.js';
import { createProgress } from './harness/progress.js';
import { toMarkdown, type Circumstances, type Result } from './harness/report.js';
import { keepResults } from './harness/results.js';
import { parseOptions, ROUNDS, usage, type Options } from './options.js';
import type { Bench, Question } from './question.js';
import { questions } from './questions/index.js';

/** Exit codes. */
const BROKEN = 1;
const TOO_NOISY = 2;

/** Runnable processes beside these, from which on a measurement is worth little. */
const BUSY = 0.7;

const allNames = questions.map(({ name }) => name);

/** This file runs from a folder of compiled files beside bench/. */
const ROOT = join(import.meta.dirname, '../..');

const NO_PGBENCH = `
!!! SKIPPED: everything that is compared with PostgreSQL's own limits, since pgbench was not found.
!!! It comes with PostgreSQL: apt-get install postgresql (Debian), brew install postgresql (macOS).
`;

// npm run bench: asks the questions, prints what came out and keeps it, and tells by the exit code whether all is well.
await runCommand(async (signal) => {
  const options = parseOptions(process.argv.slice(2), allNames);
  if (options.help) {
    console.log(usage(questions));
    return;
  }
  const asked = questions.filter((question) =>
    options.only.length > 0 ? options.only.includes(question.name) : !options.quick || hasGoals(question),
  );
  try {
    process.exitCode = await measure(asked, options, signal);
  } catch (error) {
    // Whatever fails once its processes are killed says no more than that.
    signal.throwIfAborted();
    throw error;
  }
});

async function measure(asked: readonly Question[], options: Options, signal: AbortSignal): Promise<number> {
  const logger = createLogger({ logLevel: 'error' });
  // Before anything of its own keeps it busy.
  const machine = await describeMachine();
  const bench = await openBench({ quick: options.quick, signal, logger });
  try {
    const circumstances = await describeCircumstances(bench, machine);
    const runs = asked.reduce((sum, question) => sum + runsPerRound(question, bench) * options.rounds, 0);
    const progress = createProgress(runs);
    if (bench.pgbench === null) progress.note(NO_PGBENCH);
    if (machine.busy > BUSY) progress.note(busyNote(machine.busy));
    const outcomes = new Map<Question, Asked>();
    try {
      for (const question of asked) {
        const asking = ask({ bench, question, rounds: options.rounds, logger, progress });
        outcomes.set(question, await asking.catch((error: unknown) => failed(question, error, signal)));
      }
    } finally {
      progress.stop();
    }
    return await conclude(outcomes, circumstances, options);
  } finally {
    await bench.close();
  }
}

/** One question that breaks does not take the answers of the others with it. */
function failed({ name }: Question, error: unknown, signal: AbortSignal): Asked {
  signal.throwIfAborted();
  return { answer: 'failed', violations: [`${name}: ${describeFailure(error)}`] };
}

function busyNote(processes: number): string {
  return `!!! The machine is busy: ${processes.toFixed(1)} processes wanted a core during the last minute. Expect noise.`;
}

async function describeCircumstances(
  { postgres, warmUp, window, quick }: Bench,
  machine: Machine,
): Promise<Circumstances> {
  return {
    date: new Date().toISOString(),
    commit: await describeCommit(ROOT),
    machine,
    postgres: { version: postgres.version, settings: SERVER_SETTINGS },
    warmUp,
    window,
    quick,
  };
}

/** Prints and keeps what was found. Returns the exit code. */
async function conclude(
  outcomes: ReadonlyMap<Question, Asked>,
  circumstances: Circumstances,
  { quick, rounds }: Options,
): Promise<number> {
  const results: Result[] = [];
  const violations = [...outcomes.values()].flatMap((each) => each.violations);
  let tooNoisy = false;
  for (const [{ name }, { answer }] of outcomes) {
    if (answer === 'too noisy') {
      tooNoisy = true;
      console.log(`!!! ${name}: too noisy. The baseline's runs kept differing by more than half: nothing is reported.`);
    } else if (answer !== 'failed') {
      results.push({ ...circumstances, answer });
    }
  }
  console.log(toMarkdown(results));
  for (const violation of violations) console.log(`!!! VIOLATED: ${violation}`);
  // What was measured while an invariant was violated is no result; and a quick one never replaces a thorough one.
  if (!quick && rounds >= ROUNDS && violations.length === 0 && results.length > 0) {
    const files = await keepResults(ROOT, results, allNames);
    console.log(`Kept in ${files.join(', ')}.`);
  }
  const missed = results.some(({ answer }) =>
    [...answer.ratios, ...(answer.figures ?? [])].some(({ goal }) => goal?.verdict === 'missed'),
  );
  if (violations.length > 0 || missed) return BROKEN;
  return tooNoisy ? TOO_NOISY : 0;
}

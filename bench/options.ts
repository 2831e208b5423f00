import { parseArgs } from 'node:util';
import { OperatorError } from '../src/lib/errors/operator-error.js';

/** A command line that cannot be followed; the message says why. */
export class UsageError extends OperatorError {
  override readonly name = 'UsageError';
}

export interface Options {
  readonly help: boolean;
  readonly quick: boolean;
  /** Names of questions; empty means all. */
  readonly only: readonly string[];
  readonly rounds: number;
}

/** Of a run whose results are kept, at least. */
export const ROUNDS = 5;
const ROUNDS_QUICK = 2;

/** @throws {UsageError} an option, a question or a number that makes no sense. */
export function parseOptions(args: readonly string[], questions: readonly string[]): Options {
  const { help, quick, only, rounds } = parse(args);
  const unknown = only.filter((name) => !questions.includes(name));
  if (unknown.length > 0) {
    throw new UsageError(`There is no question ${unknown.join(', ')}. There are: ${questions.join(', ')}.`);
  }
  if (rounds !== undefined && !/^[1-9]\d?$/.test(rounds)) {
    throw new UsageError(`--rounds wants a whole number from 1 to 99, not "${rounds}".`);
  }
  return { help, quick, only, rounds: rounds === undefined ? (quick ? ROUNDS_QUICK : ROUNDS) : Number(rounds) };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        quick: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: [] },
        rounds: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\nSee: npm run bench -- --help`);
  }
}

/** What `--help` prints. */
export function usage(questions: readonly { name: string; title: string }[]): string {
  const width = Math.max(...questions.map(({ name }) => name.length));
  return `Measures whether the promises of speed hold: docs/performance.md tells how.

  npm run bench                        every question, ${ROUNDS} rounds; writes bench/results/
  npm run bench -- --quick             the questions whose ratios have a floor, ${ROUNDS_QUICK} short rounds; writes nothing
  npm run bench -- --only <question>   that question; may be repeated
  npm run bench -- --rounds <number>   another number of rounds; of fewer than ${ROUNDS} nothing is written

Ends with 0 if every floor holds, 1 if one is broken or an invariant violated, 2 if the machine was too noisy to tell.

Questions:
${questions.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}`).join('\n')}
`;
}

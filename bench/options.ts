import { parseArgs } from 'node:util';
import { OperatorError } from '../src/lib/errors/operator-error.js';

export class UsageError extends OperatorError {}

export interface Options {
  readonly help: boolean;
  readonly quick: boolean;
  /** Names of benchmarks; empty means all. */
  readonly only: readonly string[];
  readonly rounds: number;
}

/** The default, and the minimum for results that are saved. */
export const ROUNDS = 5;
/** With fewer rounds a missed floor cannot be told from noise. */
const ROUNDS_QUICK = 5;

/** @throws {UsageError} an unknown option or benchmark, or an invalid number. */
export function parseOptions(args: readonly string[], benchmarks: readonly string[]): Options {
  const { help, quick, only, rounds } = parse(args);
  const unknown = only.filter((name) => !benchmarks.includes(name));
  if (unknown.length > 0) {
    throw new UsageError(`There is no benchmark ${unknown.join(', ')}. There are: ${benchmarks.join(', ')}.`);
  }
  if (rounds !== undefined && !/^[1-9]\d?$/.test(rounds)) {
    throw new UsageError(`--rounds takes a whole number from 1 to 99, not "${rounds}".`);
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

export function usage(benchmarks: readonly { name: string; title: string }[]): string {
  const width = Math.max(...benchmarks.map(({ name }) => name.length));
  return `Measures the performance goals; docs/performance.md describes the method.

  npm run bench                         all benchmarks, ${ROUNDS} rounds, half an hour; writes bench/results/
  npm run bench -- --quick              the most important ratios, ${ROUNDS_QUICK} short rounds, under four minutes; writes nothing
  npm run bench -- --only <benchmark>   that benchmark; may be repeated
  npm run bench -- --rounds <number>    another number of rounds; below ${ROUNDS}, no results file is written

Exit codes: 0 all floors hold; 1 a floor is missed or an invariant is violated; 2 the machine is too noisy to tell.

Benchmarks:
${benchmarks.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}`).join('\n')}
`;
}

import { parseArgs } from 'node:util';
import { OperatorError } from '../../src/lib/errors/operator-error.js';

export class UsageError extends OperatorError {}

export interface Options {
  readonly help: boolean;
  readonly list: boolean;
  /** Whether an exceeded bound leads to exit code 1. */
  readonly check: boolean;
  /** Names of attacks; empty means all. */
  readonly only: readonly string[];
  /** How often each attack runs, each time beside its control. */
  readonly pairs: number;
  /** Measured seconds of each run. */
  readonly seconds: number;
  /** File for the figures of every run. */
  readonly json: string | undefined;
}

const DEFAULT_PAIRS = 5;
const DEFAULT_SECONDS = 5;

/** @throws {UsageError} an unknown option or attack, or an invalid number. */
export function parseOptions(args: readonly string[], attacks: readonly string[]): Options {
  const { pairs, seconds, ...given } = parse(args);
  const unknown = given.only.filter((name) => !attacks.includes(name));
  if (unknown.length > 0) {
    throw new UsageError(`There is no attack ${unknown.join(', ')}. There are: ${attacks.join(', ')}.`);
  }
  return { ...given, pairs: toNumber('--pairs', pairs, 99), seconds: toNumber('--seconds', seconds, 60) };
}

function toNumber(option: string, text: string, max: number): number {
  if (!/^[1-9]\d?$/.test(text) || Number(text) > max) {
    throw new UsageError(`${option} takes a whole number from 1 to ${max}, not "${text}".`);
  }
  return Number(text);
}

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        list: { type: 'boolean', default: false },
        check: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: [] },
        pairs: { type: 'string', default: String(DEFAULT_PAIRS) },
        seconds: { type: 'string', default: String(DEFAULT_SECONDS) },
        json: { type: 'string' },
      },
    });
    return { ...values, json: values.json };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\nSee: npm run abuse -- --help`);
  }
}

/** The names and descriptions of the attacks, one per line. */
export function listOf(attacks: readonly { name: string; title: string }[]): string {
  const width = Math.max(...attacks.map(({ name }) => name.length));
  return attacks.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}`).join('\n');
}

export function usage(attacks: readonly { name: string; title: string }[]): string {
  return `Attacks the service and measures what other users notice; docs/abuse.md describes the method.

  npm run abuse                          all attacks, ${DEFAULT_PAIRS} pairs of attack and control
  npm run abuse -- --only <attack>       that attack; may be repeated
  npm run abuse -- --pairs <number>      another number of pairs
  npm run abuse -- --seconds <number>    measured seconds of each run, ${DEFAULT_SECONDS} by default
  npm run abuse -- --json <file>         also writes the figures of every run to a file
  npm run abuse -- --check               exit code 1 if a bound is exceeded
  npm run abuse -- --list                the names of the attacks

Attacks:
${listOf(attacks)}
`;
}

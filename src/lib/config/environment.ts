import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { misspelledName } from '../validation/closest-name.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of this process, over the file `.env` of the working folder. The only reader of `process.env`. */
export function readEnvironment(): Environment {
  const file = resolve('.env');
  const fromFile = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  return { ...fromFile, ...process.env };
}

/** A variable of another program can differ from a name of this length in one letter. */
const SHORT_NAME = 5;

/**
 * Reports variables whose names are almost those of settings: one letter off, in other case, with other separators, or with
 * the words in another order. They would have no effect without any sign of it. If the setting is set too, the variable
 * counts as another program's.
 *
 * @param names of all variables that are set, including those of other programs.
 * @param settings the names of all settings.
 * @returns one line a variable.
 */
export function misspelledSettings(names: readonly string[], settings: readonly string[]): string[] {
  return names.flatMap((name) => {
    if (settings.includes(name)) return [];
    const meant =
      misspelledName(name, settings, 1) ?? settings.find((setting) => sorted(name, '_') === sorted(setting, '_'));
    if (meant === undefined || names.includes(meant)) return [];
    if (meant.length <= SHORT_NAME && sorted(name) !== sorted(meant)) return [];
    return [`${name}: is no setting and has no effect; did you mean ${meant}?`];
  });
}

/** The words of a name in alphabetical order; without a separator, its letters. */
function sorted(name: string, separator = ''): string {
  return name
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, separator)
    .split(separator)
    .sort()
    .join(separator);
}

import { misspelledName } from '../validation/closest-name.js';

/** One letter of these is many letters: a variable of another program may be as close. */
const SHORT_NAME = 5;

/**
 * Variables that are almost named like a setting: one letter off, in other case, with other separators, or with their words in
 * another order. A setting that is not read has no effect, and nothing else would show it. Where the setting itself is set too,
 * the variable is taken for another program's.
 *
 * @param names of all variables that are set; those of other programs among them.
 * @param settings the names of all settings.
 * @returns what is wrong, one line a variable.
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

/** The words of a name in alphabetical order; or its letters. */
function sorted(name: string, separator = ''): string {
  return name
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, separator)
    .split(separator)
    .sort()
    .join(separator);
}

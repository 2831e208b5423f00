/** Shorter names are similar to almost any other. */
const MIN_LENGTH = 3;

/**
 * The known name that an unknown one probably stands for: equal except for case and separators, misspelled, part of the other
 * (`size`, `pageSize`), or with a word in common (`pageCount`, `pageSize`).
 *
 * @returns undefined if none is similar enough.
 */
export function closestName(name: string, known: readonly string[]): string | undefined {
  return misspelledName(name, known) ?? containingName(name, known) ?? nameWithSameWord(name, known);
}

/**
 * The known name that is fewest typing errors away: letters missing, added, changed or swapped. Case and separators do not
 * count.
 *
 * @param maxDistance how many errors are allowed; by default one for every three letters of the longer name.
 */
export function misspelledName(name: string, known: readonly string[], maxDistance?: number): string | undefined {
  const letters = lettersOf(name);
  return best(known, (candidate) => {
    const other = lettersOf(candidate);
    if (other === letters) return 0;
    const longer = Math.max(letters.length, other.length);
    const allowed = longer < MIN_LENGTH ? 0 : (maxDistance ?? Math.floor(longer / 3));
    // The distance is at least the difference in length; this check keeps long input cheap.
    if (Math.abs(letters.length - other.length) > allowed) return Infinity;
    const distance = editDistance(letters, other);
    return distance <= allowed ? distance : Infinity;
  });
}

function containingName(name: string, known: readonly string[]): string | undefined {
  const letters = lettersOf(name);
  return best(known, (candidate) => {
    const other = lettersOf(candidate);
    const [shorter, longer] = letters.length < other.length ? [letters, other] : [other, letters];
    return shorter.length >= MIN_LENGTH && longer.includes(shorter) ? longer.length - shorter.length : Infinity;
  });
}

function nameWithSameWord(name: string, known: readonly string[]): string | undefined {
  const words = wordsOf(name);
  return best(known, (candidate) => -wordsOf(candidate).filter((word) => words.includes(word)).length || Infinity);
}

/** The candidate with the lowest finite score; of equal ones the first. */
function best(candidates: readonly string[], score: (candidate: string) => number): string | undefined {
  let [lowest, found]: [number, string | undefined] = [Infinity, undefined];
  for (const candidate of candidates) {
    const current = score(candidate);
    if (current < lowest) [lowest, found] = [current, candidate];
  }
  return found;
}

function lettersOf(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

/** The words of a name in camelCase, snake_case or kebab-case, in the singular. */
function wordsOf(name: string): string[] {
  return name
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length >= MIN_LENGTH)
    .map((word) => word.replace(/s$/, ''));
}

/** The optimal string alignment distance: insertions, deletions, substitutions, and swaps of neighbours. */
function editDistance(a: string, b: string): number {
  let [beforeLast, last]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (row: readonly number[], column: number) => row[column] ?? Infinity;
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substituted = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        at(last, j) + 1,
        at(row, j - 1) + 1,
        substituted,
        isSwap ? at(beforeLast, j - 2) + 1 : Infinity,
      );
    }
    [beforeLast, last] = [last, row];
  }
  return at(last, b.length);
}

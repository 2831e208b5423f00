import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const document = readFileSync(join(root, 'SECURITY.md'), 'utf8');

interface Row {
  readonly id: string;
  readonly state: string;
  readonly tests: readonly string[];
}

/** The rows of the tables whose first cell is a requirement or a risk. */
const rowsOf = (text: string): Row[] =>
  text.split('\n').flatMap((line) => {
    const [id = '', state = '', , tests = ''] = line.split('|').slice(1).map((cell) => cell.trim()); // prettier-ignore
    if (!/^(V|API)\d/.test(id)) return [];
    return [{ id, state, tests: [...tests.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target) }];
  });

/** A cell such as `V6.5.1 – V6.5.5` or `V8.3.2 (level 3)`, as single requirements. */
function requirementsOf(id: string): string[] {
  const [, section, first, last = first] = /^(V\d+\.\d+)\.(\d+)(?: – \1\.(\d+))?(?: \(level 3\))?$/.exec(id) ?? [];
  if (section === undefined) throw new Error(`not a requirement of ASVS: ${id}`);
  return Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => `${section}.${Number(first) + index}`);
}

/** Why a row is not acceptable; null if it is. */
function problemOf({ state, tests }: Row): string | null {
  if (!['Met', 'Partly', 'Not met', 'Operator', 'Not applicable'].includes(state)) return `state ${state}`;
  if (['Met', 'Partly'].includes(state) && tests.length === 0) return 'no test';
  return tests.find((file) => !/^tests\/.+\.test\.ts$/.test(file) || !existsSync(join(root, file))) ?? null;
}

/**
 * The requirements of ASVS 5.0.0: for each section the last number of levels 1 and 2, which precede those of level 3. Of V1
 * those of level 1, which are not numbered in a row.
 */
const LAST_OF_SECTION: Readonly<Record<string, number>> = {
  ...{ 'V2.1': 3, 'V2.2': 3, 'V2.3': 4, 'V2.4': 1 },
  ...{ 'V4.1': 3, 'V4.2': 1, 'V4.3': 2, 'V4.4': 4 },
  ...{ 'V6.1': 3, 'V6.2': 12, 'V6.3': 4, 'V6.4': 4, 'V6.5': 5, 'V6.6': 3, 'V6.8': 4 },
  ...{ 'V7.1': 3, 'V7.2': 4, 'V7.3': 2, 'V7.4': 5, 'V7.5': 2, 'V7.6': 2 },
  ...{ 'V8.1': 2, 'V8.2': 3, 'V8.3': 1, 'V8.4': 1, 'V9.1': 3, 'V9.2': 4 },
  ...{ 'V13.1': 1, 'V13.2': 5, 'V13.3': 2, 'V13.4': 5, 'V15.1': 3, 'V15.2': 3, 'V15.3': 7 },
  ...{ 'V16.1': 1, 'V16.2': 5, 'V16.3': 4, 'V16.4': 3, 'V16.5': 3 },
};
const REQUIRED = [
  ...['V1.2.1', 'V1.2.2', 'V1.2.3', 'V1.2.4', 'V1.2.5', 'V1.3.1', 'V1.3.2', 'V1.5.1'],
  ...Object.entries(LAST_OF_SECTION).flatMap(([section, last]) => requirementsOf(`${section}.1 – ${section}.${last}`)),
];
const LEVEL_3 = ['V6.3.8', 'V8.3.2', 'V16.5.4'];

describe('SECURITY.md', () => {
  const rows = rowsOf(document);

  it('names an existing test in every row that is met, at least partly', () => {
    expect(rows.length).toBeGreaterThan(100);
    expect(rows.flatMap((row) => (problemOf(row) === null ? [] : [[row.id, problemOf(row)]]))).toEqual([]);
  });

  it('has every risk of the API Security Top 10, and every requirement of levels 1 and 2 of its chapters, once', () => {
    const ids = rows.map(({ id }) => id.split(' ')[0] ?? '');
    expect(ids.filter((id) => id.startsWith('API'))).toEqual(
      Array.from({ length: 10 }, (_, index) => `API${index + 1}`),
    );
    const requirements = rows.flatMap(({ id }) => (id.startsWith('V') ? requirementsOf(id) : []));
    expect([...requirements].sort()).toEqual([...REQUIRED, ...LEVEL_3].sort());
  });

  it('would be refused with a missing test, a folder, an unknown state or an invented number', () => {
    const problems = (line: string) => rowsOf(line).map(problemOf);
    expect(problems('| V2.1.1 | Met | So | [a](tests/unit/none.test.ts) |')).toEqual(['tests/unit/none.test.ts']);
    expect(problems('| V2.1.1 | Met | So | [a](src/lib) |')).toEqual(['src/lib']);
    expect(problems('| V2.1.1 | Partly | So | – |')).toEqual(['no test']);
    expect(problems('| V2.1.1 | Soon | So | – |')).toEqual(['state Soon']);
    expect(REQUIRED).not.toContain('V2.1.4');
    expect(() => requirementsOf('V2.1')).toThrow();
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const FOLDER = join(import.meta.dirname, '../../../web/src');
const SHEETS = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.css'));

/** Properties and values that name a side of the screen. `--inline-start` is defined with them. */
const PHYSICAL = [
  /(?<![\w-])(?:(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)(?:-\w+)?|left|right)\s*:/,
  /(?<![\w-])(?:text-align|float|clear|justify-content|justify-self|justify-items|transform-origin|background-position)\s*:[^;]*\b(?:left|right)\b/,
  /(?<![\w-])border-(?:top|bottom)-(?:left|right)-radius\s*:/,
];

/** A shorthand for four sides, of which the one on the right and the one on the left differ. */
function isLopsided(declaration: string): boolean {
  const [, property, value = ''] =
    /^\s*(padding|margin|inset|border-width|border-radius)\s*:\s*(.*)$/s.exec(declaration) ?? [];
  if (property === undefined) return false;
  const [first, second, third, fourth] = value.trim().match(/(?:[^\s(]+\((?:[^()]|\([^()]*\))*\)|[^\s(]+)/g) ?? [];
  if (fourth === undefined) return false;
  return property === 'border-radius' ? first !== second || third !== fourth : second !== fourth;
}

const declarationsOf = (css: string) => css.replace(/\/\*.*?\*\//gs, '').split(/[;{}]/);
const findings = (css: string) =>
  declarationsOf(css).filter((text) => PHYSICAL.some((pattern) => pattern.test(text)) || isLopsided(text));

it('no style sheet names the left or the right, so that layouts from right to left are mirrored', () => {
  expect(SHEETS.length).toBeGreaterThan(20);
  const found = SHEETS.flatMap((file) =>
    findings(readFileSync(join(FOLDER, file), 'utf8')).map((text) => `${file}: ${text.trim()}`),
  );
  expect(found).toEqual([]);
});

it('finds what names a side', () => {
  const wrong = [
    'left: 0',
    'border-right-color: red',
    'text-align: right',
    'padding: 0 1px 0 2px',
    'border-radius: 1px 0 0 1px',
  ];
  const right = [
    '.left { inset-inline-start: 0 }',
    '--inline-start: left',
    'padding: 0 1px 0 1px',
    'border-radius: 1px 1px 0 0',
  ];
  expect(wrong.filter((text) => findings(text).length === 0)).toEqual([]);
  expect(right.filter((text) => findings(text).length > 0)).toEqual([]);
});

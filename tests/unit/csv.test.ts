import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvOf, prefersCsv } from '../../src/lib/http/csv.js';

type Value = string | number | Date | null;

async function* chunks(...lists: Value[][]) {
  for (const list of lists) yield await Promise.resolve(list.map((value) => ({ value })));
}

async function textOf(...lists: Value[][]): Promise<string> {
  const { lines } = csvOf({
    fileName: 'x.csv',
    columns: { value: (row: { value: Value }) => row.value, 'a, b': () => 1 },
    chunks: chunks(...lists),
  });
  let text = '';
  for await (const part of lines) text += part;
  return text;
}

/** Reads CSV as RFC 4180 says: rows of cells. */
function parse(text: string): string[][] {
  const rows: string[][] = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  for (const [, quoted, plain = '', end] of text.matchAll(cell)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === '\r\n') rows.push([]);
  }
  rows.pop();
  return rows;
}

describe('CSV', () => {
  it('has a line of headers, and is sent chunk by chunk', async () => {
    expect(await textOf()).toBe('"value","a, b"\r\n');
    expect(await textOf([1], [], ['two'])).toBe('"value","a, b"\r\n1,1\r\n"two",1\r\n');
  });

  it('has empty cells for null, numbers without quotes, and times with their zone', async () => {
    const text = await textOf([null, -5, 0.5, new Date(0)]);
    expect(text.split('\r\n').slice(1, 5)).toEqual([',1', '-5,1', '0.5,1', '1970-01-01T00:00:00.000Z,1']);
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '\n=1', '＝1', '=cmd|"/C calc"!A0'])(
    'shows %j as text: a spreadsheet runs no formula',
    async (value) => {
      const [, [cell = ''] = []] = parse(await textOf([value]));
      expect(cell).toBe(`'${value}`);
    },
  );

  it('reads back as it was, whatever a text contains', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', '"', ',', '\r', '\n', ';', ' ', 'é', '😀', '0') });
    await fc.assert(
      fc.asyncProperty(fc.array(text), async (values) => {
        const rows = parse(await textOf(values)).slice(1);
        expect(rows.map(([value]) => value?.replace(/^'(?=\s)/, ''))).toEqual(values);
      }),
    );
  });
});

it.each([
  ['text/csv', true],
  ['text/csv;q=0.5, application/json;q=0.4', true],
  ['TEXT/CSV; header=present', true],
  ['text/*', true],
  ['text/csv, */*;q=0.1', true],
  [undefined, false],
  ['', false],
  ['*/*', false],
  ['application/json', false],
  ['application/json, text/csv', false],
  ['text/csv;q=0, */*', false],
  ['text/html,application/xhtml+xml,*/*;q=0.8', false],
  ['nonsense;;q=', false],
])('a client that accepts %j wants CSV: %j', (accept, wanted) => {
  expect(prefersCsv(accept)).toBe(wanted);
});

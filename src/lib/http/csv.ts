/** A value of a cell: text is quoted, numbers and times are not. */
type Cell = string | number | Date | null;

/** A table that may be too long for the memory: its rows are read and sent chunk by chunk. */
export interface CsvTable<Row> {
  /** The name under which a browser saves it. ASCII, with its extension. */
  readonly fileName: string;
  /** The value of each column, by its header. */
  readonly columns: Readonly<Record<string, (row: Row) => Cell>>;
  readonly chunks: AsyncIterable<readonly Row[]>;
}

/** A response in CSV. */
export interface CsvResponse {
  readonly headers: Readonly<Record<string, string>>;
  readonly lines: AsyncIterable<string>;
}

/**
 * Makes a response of a table: CSV by RFC 4180, in UTF-8, with a line of headers. Times are ISO 8601 in UTC; null is an empty cell.
 * A spreadsheet shows each text as it is and runs none as a formula.
 */
export function csvOf<Row>(table: CsvTable<Row>): CsvResponse {
  return {
    headers: {
      'Content-Type': 'text/csv; charset=utf-8; header=present',
      'Content-Disposition': `attachment; filename="${table.fileName}"`,
    },
    lines: linesOf(table),
  };
}

/** Whether an Accept header prefers CSV to JSON. */
export function prefersCsv(accept = '*/*'): boolean {
  const ranges = accept.split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const quality = parameters.find((each) => each.startsWith('q='));
    return { type, quality: quality === undefined ? 1 : Number(quality.slice(2)) || 0 };
  });
  const qualityOf = (...types: readonly string[]) =>
    types.flatMap((type) => ranges.find((range) => range.type === type)?.quality ?? [])[0] ?? 0;
  return qualityOf('text/csv', 'text/*', '*/*') > qualityOf('application/json', 'application/*', '*/*');
}

async function* linesOf<Row>({ columns, chunks }: CsvTable<Row>): AsyncGenerator<string> {
  const values = Object.values(columns);
  yield lineOf(Object.keys(columns));
  for await (const rows of chunks) {
    if (rows.length > 0) yield rows.map((row) => lineOf(values.map((valueOf) => valueOf(row)))).join('');
  }
}

function lineOf(cells: readonly Cell[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`;
}

/** Characters at which spreadsheets begin a formula, or skip to where one begins; some read full-width ones as well. */
const STARTS_FORMULA = /^\s*[=+\-@\t\r\n＝＋－＠]/u;

function cellOf(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  if (value instanceof Date) return value.toISOString();
  const text = STARTS_FORMULA.test(value) ? `'${value}` : value;
  return `"${text.replaceAll('"', '""')}"`;
}

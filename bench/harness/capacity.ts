import { formatValue } from './ask.js';
import { table, type Result } from './report.js';

/** A rush to be reckoned with: so many people, each with a page open, all of whom press within so many seconds. */
const RUSH = { people: 1_000_000, units: 10_000, seconds: 10 };
/** Requests in a batch, and pictures of a drop that a socket is sent in a second: at most. */
const FULL_BATCH = 256;
const PICTURES = 20;
/** Who is let in by a page in front, a second. */
const LET_IN = 1_000;

/**
 * What was measured of a question's subject, of another of its variants, or as one of the subject's facts; NaN as long as
 * nothing was.
 */
type Measured = (question: string, variantOrFact?: string) => number;

/**
 * What one machine does, and what that means for a million people: the tables of docs/scaling.md. Every figure is one of
 * the results, or reckoned from them here, so that none is left standing when they are measured anew.
 */
export function capacityTables(results: readonly Result[]): string {
  const of = measuredIn(results);
  return [
    '### Measured: one machine',
    table(['What', 'Measured', 'Command'], measuredRows(of)),
    whereMeasured(results),
    `### On paper: ${count(RUSH.people)} people, one drop of ${count(RUSH.units)}, everybody within ${RUSH.seconds} seconds`,
    table(['What', 'How it is reckoned', 'Result'], reckonedRows(of)),
  ].join('\n\n');
}

function measuredIn(results: readonly Result[]): Measured {
  return (question, what) => {
    const answer = results.find((result) => result.answer.question === question)?.answer;
    const variant = (name: string | undefined) => answer?.variants.find((each) => each.name === name);
    const subject = variant(answer?.subject);
    if (what === undefined) return subject?.spread.median ?? NaN;
    return variant(what)?.spread.median ?? subject?.facts[what] ?? NaN;
  };
}

function measuredRows(of: Measured): string[][] {
  const rows: [string, number, string, string][] = [
    ['Reservations a second of one drop, without HTTP', of('hot-drop-service'), '', 'hot-drop-service'],
    [
      `A full batch of ${FULL_BATCH}, from its first statement to the next one's`,
      (1000 * FULL_BATCH) / of('hot-drop-service'),
      'ms',
      'hot-drop-service',
    ],
    ['The same, one transaction a request', of('hot-drop-service', 'one-transaction'), '', 'hot-drop-service'],
    ['Reservations a second of one drop, over HTTP', of('hot-drop-http'), '', 'hot-drop-http'],
    ['Answers a second of that stack without a database', of('hot-drop-http', 'no-database'), '', 'hot-drop-http'],
    ['“Sold out” a second, over HTTP', of('sold-out'), '', 'sold-out'],
    ['“Sold out” a second, without HTTP', of('sold-out-service'), '', 'sold-out-service'],
    ['Two processes on one drop, over HTTP', of('two-processes'), '', 'two-processes'],
    ['5 000 callers in one moment, until the last has an answer', of('burst-5000'), 'ms', 'burst-5000'],
    ['Lists of 20 drops a second, of a million purchases', of('drop-list'), '', 'drop-list'],
    ['Pictures a second to each of 1 000 sockets', of('live-1000', 'pictures/s a client'), '', 'live-1000'],
    ['… and of a core for it', of('live-1000', 'server, % of a core'), '%', 'live-1000'],
    ['Pictures a second to each of 5 000 sockets', of('live-5000', 'pictures/s a client'), '', 'live-5000'],
    ['… and of a core for it', of('live-5000', 'server, % of a core'), '%', 'live-5000'],
    ['Memory a socket', of('live-5000', 'memory a connection, kB'), 'kB', 'live-5000'],
    ['2 000 sockets come back at once, until all have a true picture', of('live-reconnect'), 's', 'live-reconnect'],
  ];
  return rows
    .filter(([, value]) => Number.isFinite(value))
    .map(([what, value, unit, question]) => [
      what,
      `**${formatValue(value)}**${unit && ` ${unit}`}`,
      `\`npm run bench -- --only ${question}\``,
    ]);
}

function whereMeasured(results: readonly Result[]): string {
  const machines = results.map(({ machine: { cpu, cores, os, node }, postgres }) => {
    return `${cpu}, ${cores} cores, ${os}, Node ${node}, PostgreSQL ${postgres.version}`;
  });
  return `${[...new Set(machines)].join('; ')}. Server, database and the load share these cores.`;
}

/** Those of which everything was measured. */
function reckonedRows(of: Measured): string[][] {
  const presses = RUSH.people / RUSH.seconds;
  const refusals = of('sold-out');
  const grants = of('hot-drop-service');
  const packetsOfACore =
    (5_000 * of('live-5000', 'pictures/s a client')) / (of('live-5000', 'server, % of a core') / 100);
  const memory = of('live-5000', 'memory a connection, kB');
  const locked = of('sold-out-service');
  const overHttp = of('hot-drop-http');
  const rows = [
    ['Requests a second', `${count(RUSH.people)} ÷ ${RUSH.seconds} s`, count(presses)],
    [
      'Until every unit is held',
      `${count(RUSH.units)} ÷ ${count(grants)} a second, under the lock`,
      `${round(RUSH.units / grants)} s`,
    ],
    [
      'Until this one machine has answered everybody',
      `${count(RUSH.people)} ÷ ${count(refusals)} “sold out” a second`,
      `${count(RUSH.people / refusals)} s`,
    ],
    [
      `API processes to answer everybody in ${RUSH.seconds} s`,
      `${count(presses)} ÷ ${count(refusals)} “sold out” a second`,
      `${count(Math.ceil(presses / refusals))}, each with a core of its own`,
    ],
    [
      'Until the lock has refused everybody, in batches of one process',
      `${count(RUSH.people)} ÷ ${count(locked)} a second`,
      `${round(RUSH.people / locked)} s`,
    ],
    [
      'Memory for everybody’s socket',
      `${count(RUSH.people)} × ${round(memory)} kB`,
      `${round((RUSH.people * memory) / 1e6)} GB`,
    ],
    [
      `Cores to send everybody ${PICTURES} pictures a second`,
      `${count(RUSH.people)} × ${PICTURES} ÷ ${count(packetsOfACore)} a second and core`,
      count((RUSH.people * PICTURES) / packetsOfACore),
    ],
    [
      'Cores to send everybody one picture a second',
      `${count(RUSH.people)} ÷ ${count(packetsOfACore)} a second and core`,
      count(RUSH.people / packetsOfACore),
    ],
    [
      `A page in front that lets in ${count(LET_IN)} people a second: what they take of this machine`,
      `${count(LET_IN)} ÷ ${count(overHttp)} reservations a second over HTTP`,
      `${round((100 * LET_IN) / overHttp)} %`,
    ],
  ];
  return rows.filter((row) => !row.join(' ').includes('NaN'));
}

const round = (value: number) => String(Number(value.toPrecision(2)));
const count = (value: number) => formatValue(value >= 1_000 ? Number(value.toPrecision(3)) : Math.round(value));

import { formatValue, table, type SavedResult } from './report.js';

/** The load of the calculation: people with a page open, all of whom reserve within this many seconds. */
const RUSH = { people: 1_000_000, units: 10_000, seconds: 10 };
/** Requests in a full batch. */
const MAX_BATCH_SIZE = 256;
/** Snapshots of a drop that a socket is sent per second, at most. */
const SNAPSHOTS_PER_SECOND = 20;
/** People per second that a waiting page in front of the service admits. */
const ADMITTED_PER_SECOND = 1_000;

/** The median of a benchmark's subject, of another variant, or of one of the subject's metrics; NaN if not measured. */
type Figure = (benchmark: string, variantOrMetric?: string) => number;

/**
 * The tables of docs/scaling.md: what one machine does, and what follows for a million people. Every figure is a result or is
 * calculated from results here, so that a new measurement replaces all of them.
 */
export function capacityTables(results: readonly SavedResult[]): string {
  const figure = figuresOf(results);
  return [
    '### Measured: one machine',
    table(['What', 'Measured', 'Command'], measuredRows(figure)),
    machinesOf(results),
    `### Calculated: ${count(RUSH.people)} people, one drop of ${count(RUSH.units)}, all within ${RUSH.seconds} seconds`,
    table(['What', 'Calculation', 'Result'], calculatedRows(figure)),
  ].join('\n\n');
}

function figuresOf(results: readonly SavedResult[]): Figure {
  return (benchmark, what) => {
    const result = results.find((each) => each.result.benchmark === benchmark)?.result;
    const variantOf = (name: string | undefined) => result?.variants.find((each) => each.name === name);
    const subject = variantOf(result?.subject);
    if (what === undefined) return subject?.spread.median ?? NaN;
    return variantOf(what)?.spread.median ?? subject?.metrics[what] ?? NaN;
  };
}

function measuredRows(figure: Figure): string[][] {
  const rows: [what: string, benchmark: string, unit?: string, value?: number][] = [
    ['Reservations a second of one drop, without HTTP', 'hot-drop-service'],
    [
      `A full batch of ${MAX_BATCH_SIZE}, from its first statement to the next one's`,
      'hot-drop-service',
      'ms',
      (1000 * MAX_BATCH_SIZE) / figure('hot-drop-service'),
    ],
    ['The same, one transaction per request', 'hot-drop-service', '', figure('hot-drop-service', 'one-transaction')],
    ['Reservations a second of one drop, over HTTP', 'hot-drop-http'],
    [
      'Responses a second of that stack without a database',
      'hot-drop-http',
      '',
      figure('hot-drop-http', 'no-database'),
    ],
    ['“Sold out” a second, over HTTP', 'sold-out'],
    ['“Sold out” a second, without HTTP', 'sold-out-service'],
    ['Two processes on one drop, over HTTP', 'two-processes'],
    ['5 000 concurrent requests, until the last has a response', 'burst-5000', 'ms'],
    ['Lists of 20 drops a second, with a million purchases', 'drop-list'],
    ...['1 000', '5 000'].flatMap((sockets): typeof rows => {
      const benchmark = `live-${sockets.replace(' ', '')}`;
      const cpu = figure(benchmark, 'server, % of a core');
      return [
        [
          `Snapshots a second to each of ${sockets} sockets`,
          benchmark,
          '',
          figure(benchmark, 'snapshots/s per client'),
        ],
        ['… and the CPU for it, of one core', benchmark, '%', cpu],
      ];
    }),
    ['Memory per socket', 'live-5000', 'kB', figure('live-5000', 'memory per connection, kB')],
    ['2 000 sockets reconnect at once, until all have a current snapshot', 'live-reconnect', 's'],
  ];
  return rows
    .map(([what, benchmark, unit = '', value = figure(benchmark)]) => ({ what, benchmark, unit, value }))
    .filter(({ value }) => Number.isFinite(value))
    .map(({ what, benchmark, unit, value }) => [
      what,
      `**${formatValue(value)}**${unit && ` ${unit}`}`,
      `\`npm run bench -- --only ${benchmark}\``,
    ]);
}

function machinesOf(results: readonly SavedResult[]): string {
  const machines = results.map(({ machine: { cpu, cores, os, node }, postgres }) => {
    return `${cpu}, ${cores} cores, ${os}, Node ${node}, PostgreSQL ${postgres.version}`;
  });
  return `${[...new Set(machines)].join('; ')}. Server, database and load generator share these cores.`;
}

/** The rows for which every figure was measured. */
function calculatedRows(figure: Figure): string[][] {
  const requestsPerSecond = RUSH.people / RUSH.seconds;
  const refusals = figure('sold-out');
  const grants = figure('hot-drop-service');
  const snapshotsPerCore =
    (5_000 * figure('live-5000', 'snapshots/s per client')) / (figure('live-5000', 'server, % of a core') / 100);
  const memory = figure('live-5000', 'memory per connection, kB');
  const locked = figure('sold-out-service');
  const overHttp = figure('hot-drop-http');
  const rows = [
    ['Requests a second', `${count(RUSH.people)} ÷ ${RUSH.seconds} s`, count(requestsPerSecond)],
    [
      'Until every unit is held',
      `${count(RUSH.units)} ÷ ${count(grants)} a second, under the lock`,
      `${round(RUSH.units / grants)} s`,
    ],
    [
      'Until this one machine has answered all requests',
      `${count(RUSH.people)} ÷ ${count(refusals)} “sold out” a second`,
      `${count(RUSH.people / refusals)} s`,
    ],
    [
      `API processes to answer all requests in ${RUSH.seconds} s`,
      `${count(requestsPerSecond)} ÷ ${count(refusals)} “sold out” a second`,
      `${count(Math.ceil(requestsPerSecond / refusals))}, each with a core of its own`,
    ],
    [
      'Until all requests are refused under the lock, in batches of one process',
      `${count(RUSH.people)} ÷ ${count(locked)} a second`,
      `${round(RUSH.people / locked)} s`,
    ],
    [
      'Memory for all sockets',
      `${count(RUSH.people)} × ${round(memory)} kB`,
      `${round((RUSH.people * memory) / 1e6)} GB`,
    ],
    ...[SNAPSHOTS_PER_SECOND, 1].map((perSecond) => [
      `Cores to send ${perSecond === 1 ? 'one snapshot' : `${perSecond} snapshots`} a second to all sockets`,
      `${count(RUSH.people)} ${perSecond === 1 ? '' : `× ${perSecond} `}÷ ${count(snapshotsPerCore)} a second and core`,
      count((RUSH.people * perSecond) / snapshotsPerCore),
    ]),
    [
      `A waiting page that admits ${count(ADMITTED_PER_SECOND)} people a second: their share of this machine`,
      `${count(ADMITTED_PER_SECOND)} ÷ ${count(overHttp)} reservations a second over HTTP`,
      `${round((100 * ADMITTED_PER_SECOND) / overHttp)} %`,
    ],
  ];
  return rows.filter((row) => !row.join(' ').includes('NaN'));
}

const round = (value: number) => String(Number(value.toPrecision(2)));
const count = (value: number) => formatValue(value >= 1_000 ? Number(value.toPrecision(3)) : Math.round(value));

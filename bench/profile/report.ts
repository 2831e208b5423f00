import { PARTS } from './parts.js';
import type { ProfiledWindows, Scenario } from './scenarios.js';
import type { States } from './states.js';

interface ProfiledScenario {
  readonly scenario: Pick<Scenario, 'title'>;
  readonly windows: ProfiledWindows;
}

const SHOWN_FUNCTIONS = 8;
const STATES: readonly [keyof States, title: string][] = [
  ['service', 'only the service runs'],
  ['postgres', 'only PostgreSQL runs'],
  ['both', 'both run'],
  ['neither', 'neither runs'],
];
const percent = (share: number | undefined) => (share === undefined ? '–' : (100 * share).toFixed(0));

/** The profiles as a table in Markdown, a column each, and the functions that no part of it names. */
export function profileReport(profiles: readonly ProfiledScenario[]): string {
  const row = (name: string, figure: (windows: ProfiledWindows) => string) =>
    `| ${[name, ...profiles.map(({ windows }) => figure(windows))].join(' | ')} |`;
  const microseconds = (windows: ProfiledWindows, time: number) => (time / windows.profiledRequests).toFixed(1);
  const total = ({ profile: { byPart } }: ProfiledWindows) => PARTS.reduce((sum, part) => sum + byPart[part], 0);
  const functions = profiles.flatMap(({ scenario, windows }) => [
    '',
    `Other functions, ${scenario.title}, µs a request:`,
    ...windows.profile.others
      .slice(0, SHOWN_FUNCTIONS)
      .map(({ name, time }) => `  ${microseconds(windows, time).padStart(5)}  ${name}`),
  ]);
  return [
    `| ${['µs a request, profiler on', ...profiles.map(({ scenario }) => scenario.title)].join(' | ')} |`,
    `| --- |${' ---: |'.repeat(profiles.length)}`,
    ...PARTS.map((part) => row(part, (windows) => microseconds(windows, windows.profile.byPart[part]))),
    row('**together**', (windows) => `**${microseconds(windows, total(windows))}**`),
    row('idle, ms in a second without the profiler', ({ idleMs }) => idleMs.toFixed(0)),
    ...STATES.map(([name, title]) => row(`${title}, % of the time`, ({ states }) => percent(states?.[name]))),
    row('requests a batch', ({ requestsPerBatch }) => requestsPerBatch?.toFixed(0) ?? '–'),
    row('requests/s without the profiler', ({ requestsPerSecond }) => requestsPerSecond.toFixed(0)),
    ...functions,
  ].join('\n');
}

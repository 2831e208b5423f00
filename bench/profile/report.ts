import type { LoadedWindows } from '../processes/profiled-server.js';
import { PARTS } from './parts.js';
import type { Scenario } from './scenarios.js';

interface ProfiledScenario {
  readonly scenario: Pick<Scenario, 'title'>;
  readonly windows: LoadedWindows;
}

const SHOWN_FUNCTIONS = 8;

/** The profiles as a table in Markdown, a column each, and the functions that no part of it names. */
export function profileReport(profiles: readonly ProfiledScenario[]): string {
  const row = (name: string, figure: (windows: LoadedWindows) => string) =>
    `| ${[name, ...profiles.map(({ windows }) => figure(windows))].join(' | ')} |`;
  const microseconds = (windows: LoadedWindows, time: number) => (time / windows.profiledRequests).toFixed(1);
  const total = ({ profile: { byPart } }: LoadedWindows) => PARTS.reduce((sum, part) => sum + byPart[part], 0);
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
    row('requests/s without the profiler', ({ requestsPerSecond }) => requestsPerSecond.toFixed(0)),
    ...functions,
  ].join('\n');
}

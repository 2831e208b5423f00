import { mannWhitney } from '../harness/mann-whitney.js';
import { spreadOf, type Spread } from '../harness/statistics.js';
import { clock } from '../processes/child.js';
import { formatValue, table } from '../report/report.js';
import { emailOf, setPasswords } from './attacks/sign-in-flood.js';
import { addressOf, FIRST_ATTACKING_CLIENT } from './generators/requests.js';
import { startService, type Arena } from './run-attack.js';

/** Key for `--only`. */
export const signInTiming = {
  name: 'sign-in-timing',
  title: 'sign-ins with unknown e-mails and with wrong passwords, in turn: whether their durations differ',
};

/** Durations in ms. */
export interface TimingReport {
  readonly unknownEmail: readonly number[];
  readonly wrongPassword: readonly number[];
  /** Of the U test of Mann and Whitney, two-sided. */
  readonly p: number;
}

const SAMPLES = 200;
const WARM_UP_SAMPLES = 20;
/** A smaller probability is no coincidence. */
const MIN_P = 0.01;

/** Measures sign-ins of both kinds in turn, each from another address and for another e-mail, so that no limit applies. */
export async function measureTiming(arena: Arena): Promise<TimingReport> {
  const database = await arena.postgres.createDatabase();
  const service = startService(arena, database);
  try {
    await setPasswords(database);
    const { port } = await service.result;
    arena.onRun(signInTiming.name);
    const unknownEmail: number[] = [];
    const wrongPassword: number[] = [];
    for (let sample = 0; sample < WARM_UP_SAMPLES + SAMPLES; sample += 1) {
      arena.signal.throwIfAborted();
      const measure = (email: string, client: number) => measureSignIn(port, email, FIRST_ATTACKING_CLIENT + client);
      const kinds = [
        async () => unknownEmail.push(await measure(emailOf(sample).replace('load', 'none'), 2 * sample)),
        async () => wrongPassword.push(await measure(emailOf(sample), 2 * sample + 1)),
      ];
      // The order alternates, so that what one request leaves behind concerns both kinds.
      if (sample % 2 === 1) kinds.reverse();
      for (const run of kinds) await run();
    }
    const [unknown, wrong] = [unknownEmail.slice(WARM_UP_SAMPLES), wrongPassword.slice(WARM_UP_SAMPLES)];
    return { unknownEmail: unknown, wrongPassword: wrong, p: mannWhitney(unknown, wrong).p };
  } finally {
    await service.stop();
    await database.drop();
  }
}

async function measureSignIn(port: number, email: string, client: number): Promise<number> {
  const sentAt = clock();
  const response = await fetch(`http://127.0.0.1:${port}/api/users/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Forwarded-For': addressOf(client) },
    body: JSON.stringify({ email, password: 'a wrong password' }),
  });
  await response.arrayBuffer();
  if (response.status !== 401) throw new Error(`a sign-in returned ${response.status}`);
  return clock() - sentAt;
}

/** Whether a difference of this size is likely to be a coincidence. */
export function isWithinTimingBound({ p }: TimingReport): boolean {
  return p >= MIN_P;
}

/** The durations as a table in Markdown. */
export function timingToMarkdown(report: TimingReport): string {
  const rowOf = (name: string, durations: readonly number[]) => {
    const { median, min, max }: Spread = spreadOf(durations);
    return [name, String(durations.length), formatValue(median), formatValue(min), formatValue(max)];
  };
  const rows = [rowOf('unknown e-mail', report.unknownEmail), rowOf('wrong password', report.wrongPassword)];
  const verdict = isWithinTimingBound(report) ? '✔ no difference' : '✘ they differ';
  return (
    `${table(['Sign-ins with', 'Samples', 'Median, ms', 'Min, ms', 'Max, ms'], rows)}\n\n` +
    `U test of Mann and Whitney: p = ${report.p.toFixed(3)} (bound: ${MIN_P} or more): ${verdict}.`
  );
}

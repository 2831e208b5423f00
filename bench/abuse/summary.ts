import { spreadOf, summarizeLatencies, type Spread } from '../harness/statistics.js';
import type { Answers, Attack, Traffic } from './attack.js';
import type { HonestResult, HonestTraffic } from './processes/honest-users.js';

/** What was sent in one run, and what honest users noticed. */
export interface Run {
  readonly honest: HonestResult;
  /** Null for a baseline. */
  readonly traffic: Traffic | null;
  /** Time after the run until the service answered at once again. */
  readonly recoveryMs: number;
  /** Lines that the service logged. */
  readonly logLines: number;
}

/** An attack and its control, one after the other. */
export interface Pair {
  /** Null in every second pair. */
  readonly baseline: Run | null;
  readonly control: Run;
  readonly attack: Run;
}

export interface AttackRuns {
  readonly pairs: readonly Pair[];
  /** Why there are fewer pairs than asked for. */
  readonly failure: string | null;
}

/** What the table shows of one kind of run. */
export interface RunSummary {
  /** Of honest reservations, over the pairs. */
  readonly p50Ms: Spread;
  readonly p99Ms: Spread;
  readonly failed: number;
  readonly sent: number;
  /** What was sent besides, in the unit of the attack; zero for a baseline. */
  readonly perSecond: number;
  readonly signIns: { readonly failed: number; readonly sent: number; readonly maxMs: number } | null;
}

export interface AttackSummary {
  readonly baseline: RunSummary;
  readonly control: RunSummary;
  readonly attack: RunSummary;
  /** Median of the attack's 99th percentiles divided by that of the control's. */
  readonly ratio: number;
  readonly isWithinBound: boolean;
  /** Of all runs of the attack. */
  readonly answers: Answers;
  readonly maxRecoveryMs: number;
  /** Lines that the service logged in all runs of the attack. */
  readonly logLines: number;
}

/** Summarizes the pairs of an attack. @throws {RangeError} without pairs. */
export function summarize({ pairs }: Pick<AttackRuns, 'pairs'>, { bound }: Pick<Attack, 'bound'>): AttackSummary {
  const runs = (kind: keyof Pair) => pairs.flatMap((pair) => pair[kind] ?? []);
  const control = summarizeRuns(runs('control'));
  const attack = summarizeRuns(runs('attack'));
  const ratio = attack.p99Ms.median / control.p99Ms.median;
  return {
    baseline: summarizeRuns(runs('baseline')),
    control,
    attack,
    ratio,
    isWithinBound: ratio <= bound,
    answers: sumOf(runs('attack').map(({ traffic }) => traffic?.answers ?? {})),
    logLines: runs('attack').reduce((sum, { logLines }) => sum + logLines, 0),
    maxRecoveryMs: Math.max(...runs('attack').map(({ recoveryMs }) => recoveryMs)),
  };
}

function summarizeRuns(runs: readonly Run[]): RunSummary {
  const latencies = runs.map(({ honest }) => summarizeLatencies(honest.reservations.latenciesMs));
  const reservations = runs.map(({ honest }) => honest.reservations);
  const signIns = runs.flatMap(({ honest }) => honest.signIns ?? []);
  return {
    p50Ms: spreadOf(latencies.map(({ p50 }) => p50)),
    p99Ms: spreadOf(latencies.map(({ p99 }) => p99)),
    ...totalsOf(reservations),
    perSecond: spreadOf(runs.map(({ traffic }) => traffic?.perSecond ?? 0)).median,
    signIns:
      signIns.length === 0
        ? null
        : { ...totalsOf(signIns), maxMs: Math.max(...signIns.flatMap(({ latenciesMs }) => latenciesMs)) },
  };
}

function totalsOf(traffic: readonly HonestTraffic[]) {
  return {
    failed: traffic.reduce((sum, { failed }) => sum + failed, 0),
    sent: traffic.reduce((sum, { latenciesMs }) => sum + latenciesMs.length, 0),
  };
}

function sumOf(all: readonly Answers[]): Answers {
  const sum: Record<string, number> = {};
  for (const answers of all) {
    for (const [name, count] of Object.entries(answers)) sum[name] = (sum[name] ?? 0) + count;
  }
  return sum;
}

import { setTimeout as sleep } from 'node:timers/promises';
import { summarizeLatencies, type Latencies } from '../harness/statistics.js';
import { count } from './outcome.js';

/** What a meter has seen. */
export interface Reading {
  /** Good outcomes in the window, a second. */
  readonly perSecond: number;
  /** Every outcome, those before and after the window too. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Of the good outcomes in the window, in ms. */
  readonly latencies: Latencies;
  /** The share of one core that this process used in the window. */
  readonly load: number;
}

export interface Meter {
  /** A caller, by its number from 0, has got its outcome after `took` ms. */
  record(caller: number, outcome: string | number, took: number): void;
  /** Waits through warm-up and window. */
  run(): Promise<void>;
  /** Complete once all calls have ended. */
  read(): Reading;
}

interface MeterOptions {
  readonly callers: number;
  /** The outcome that counts. */
  readonly good: string | number;
  /** ms at least; the window begins when every caller has had an outcome. */
  readonly warmUp: number;
  /** ms. */
  readonly window: number;
}

/** ms. How long a first outcome is waited for. */
const PATIENCE = 20_000;

/** Counts what happens in a window of time, after a warm-up. */
export function createMeter({ callers, good, warmUp, window }: MeterOptions): Meter {
  const outcomes: Record<string, number> = {};
  const latencies: number[] = [];
  const silent = new Set(Array.from({ length: callers }, (_, caller) => caller));
  let from = Infinity;
  let to = Infinity;
  let load = 0;

  return {
    record(caller, outcome, took) {
      silent.delete(caller);
      count(outcomes, outcome);
      const now = performance.now();
      if (outcome === good && now >= from && now < to) latencies.push(took);
    },
    async run() {
      const begun = performance.now();
      await sleep(warmUp);
      while (silent.size > 0 && performance.now() - begun < PATIENCE) await sleep(10);
      from = performance.now();
      const before = process.cpuUsage();
      await sleep(window);
      to = performance.now();
      const { user, system } = process.cpuUsage(before);
      load = (user + system) / 1000 / (to - from);
    },
    read: () => ({
      perSecond: latencies.length / ((to - from) / 1000),
      outcomes,
      latencies: summarizeLatencies(latencies),
      load,
    }),
  };
}

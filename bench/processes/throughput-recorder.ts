import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../src/lib/errors/index.js';
import { summarizeLatencies, type Latencies } from '../harness/statistics.js';

export interface LoadSummary {
  /** Counted outcomes in the window, per second. */
  readonly perSecond: number;
  /** All outcomes, also those before and after the window. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Of the counted outcomes in the window. */
  readonly latencies: Latencies;
  /** Share of one core that this process used in the window. */
  readonly cpuShare: number;
}

interface RecorderOptions {
  readonly clients: number;
  readonly counted: string | number;
  /** Minimum time before the window, which also waits for the first outcome of every client. */
  readonly warmUpMs: number;
  readonly windowMs: number;
}

/** How long the window waits for the first outcomes. */
const FIRST_OUTCOME_TIMEOUT_MS = 20_000;

export function createThroughputRecorder(options: RecorderOptions) {
  const { clients, counted, warmUpMs, windowMs } = options;
  const outcomes: Record<string, number> = {};
  const latencies: number[] = [];
  const waiting = new Set(Array.from({ length: clients }, (_, client) => client));
  let from = Infinity;
  let to = Infinity;
  let cpuShare = 0;

  return {
    /** Records an outcome of a client, numbered from 0. */
    record(client: number, outcome: string | number, latencyMs: number) {
      waiting.delete(client);
      increment(outcomes, outcome);
      const now = performance.now();
      if (outcome === counted && now >= from && now < to) latencies.push(latencyMs);
    },
    /** Resolves after warm-up and window. */
    async run() {
      const begun = performance.now();
      await sleep(warmUpMs);
      while (waiting.size > 0 && performance.now() - begun < FIRST_OUTCOME_TIMEOUT_MS) await sleep(10);
      from = performance.now();
      const before = process.cpuUsage();
      await sleep(windowMs);
      to = performance.now();
      const { user, system } = process.cpuUsage(before);
      cpuShare = (user + system) / 1000 / (to - from);
    },
    /** Complete once all requests have ended. */
    summarize: (): LoadSummary => ({
      perSecond: latencies.length / ((to - from) / 1000),
      outcomes,
      latencies: summarizeLatencies(latencies),
      cpuShare,
    }),
  };
}

/** The outcome of a call: `granted`, or the code or name of its error. */
export async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'granted';
  } catch (error) {
    if (error instanceof AppError) return error.code;
    return (error as { code?: string }).code ?? (error as Error).name;
  }
}

export function increment(counts: Record<string, number>, key: string | number): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

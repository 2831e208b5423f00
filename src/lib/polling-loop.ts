import { setTimeout as sleep } from 'node:timers/promises';
import type { FailureLog } from './failure-log.js';
import type { Logger } from './logger.js';

interface PollingLoopOptions {
  /** One poll. Resolves with the time to sleep before the next one, in milliseconds. The signal is aborted by stop(). */
  readonly poll: (signal: AbortSignal) => Promise<number>;
  readonly retryDelayMs: number;
  readonly onError?: (error: unknown) => void;
  /** Logs the first error of a series that the failure log does not record, and its end. Without it, nothing is logged. */
  readonly report?: {
    readonly logger: Logger;
    readonly failures: FailureLog;
    /** The kind of failure in the failure log. */
    readonly affected: Parameters<FailureLog['record']>[1];
    readonly failed: string;
    readonly recovered: string;
  };
}

export interface PollingLoop {
  /** Starts polling at once, until stop(). Does nothing if the loop is running. */
  start(): void;
  /** Ends the sleep before its time; during a poll, leaves out the next one. */
  wake(): void;
  /** Ends the sleep, and resolves after the poll in progress. */
  stop(): Promise<void>;
}

/** Creates a loop that polls, sleeps as long as the poll says, and continues after errors. */
export function createPollingLoop({ poll, retryDelayMs, onError, report }: PollingLoopOptions): PollingLoop {
  let running: { readonly stopping: AbortController; readonly ended: Promise<void> } | undefined;
  /** Aborted by wake() and stop(); replaced before each poll. */
  let waking = new AbortController();

  async function run(signal: AbortSignal): Promise<void> {
    let isReported = false;
    while (!signal.aborted) {
      let delayMs = retryDelayMs;
      waking = new AbortController();
      try {
        delayMs = await poll(signal);
        if (isReported) report?.logger.info(report.recovered);
        isReported = false;
      } catch (error) {
        onError?.(error);
        if (report && !report.failures.record(error, report.affected) && !isReported) {
          report.logger.warn({ err: error }, report.failed);
          isReported = true;
        }
      }
      // An aborted sleep rejects.
      await sleep(delayMs, undefined, { signal: waking.signal }).catch(() => undefined);
    }
  }

  return {
    start() {
      if (running) return;
      const stopping = new AbortController();
      running = { stopping, ended: run(stopping.signal) };
    },
    wake() {
      waking.abort();
    },
    async stop() {
      running?.stopping.abort();
      waking.abort();
      await running?.ended;
      running = undefined;
    },
  };
}

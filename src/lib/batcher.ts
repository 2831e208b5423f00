import { AsyncResource } from 'node:async_hooks';
import { OverloadedError } from './errors/index.js';
import type { BatchMetrics } from './metrics.js';

export interface BatcherOptions<Request, Result> {
  /**
   * Runs a batch and returns one outcome for each request, in their order. An Error is thrown to that caller only; an exception
   * is thrown to every caller of the batch.
   */
  readonly run: (key: string, requests: readonly Request[]) => Promise<readonly (Result | Error)[]>;
  readonly maxBatchSize: number;
  /** Concurrent batches, each of another key. */
  readonly maxRunning: number;
  /** Requests that may wait; default 20 000. */
  readonly maxWaiting?: number;
  /** How long a request may wait for its batch to start; default 10 s. */
  readonly queueTimeoutMs?: number | undefined;
  /** A batch has at most one request for each of these values; a second one is left for a later batch. */
  readonly distinctBy?: (request: Request) => string;
  readonly metrics?: BatchMetrics;
}

/** Checked when the batch starts. An AbortSignal for each HTTP request would cost more than this one property. */
export type CancellationSignal = Pick<AbortSignal, 'aborted'>;

export interface Batcher<Request, Result> {
  /**
   * Runs a request in a batch with others of its key, in order of arrival.
   *
   * @throws {OverloadedError} if the queue is full or the request waited too long; it did not run.
   * @throws {RequestCancelledError} if the signal was aborted when the batch started; it did not run.
   * @throws the error that `run` returned or threw.
   */
  submit(key: string, request: Request, signal?: CancellationSignal): Promise<Result>;
}

/** The caller was cancelled before its request ran. */
export class RequestCancelledError extends Error {
  override readonly name = 'RequestCancelledError';
}

interface Waiting<Request, Result> {
  readonly request: Request;
  readonly signal: CancellationSignal | undefined;
  /** In the time of `performance.now()`. */
  readonly since: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

interface Queue<Entry> {
  /** In order of arrival; never empty. */
  readonly entries: Entry[];
  /** Requests added since the last decision whether to send a batch. */
  arrived: number;
}

/** After this many requests in one turn of the event loop, a batch waits another turn: more are likely to follow. */
const COALESCE_THRESHOLD = 16;
const DEFAULT_MAX_WAITING = 20_000;
/** How long a request may wait for its batch to start, unless a batcher is given another limit. */
export const QUEUE_TIMEOUT_MS = 10_000;

/**
 * Batches requests. For each key one batch runs at a time; requests that arrive meanwhile form the next. There is no timer: a
 * batch starts at the end of the turn of the event loop in which it can, so that a single request does not wait and the
 * requests of one turn go together. During a burst it starts when it is full or the burst slows down.
 */
export function createBatcher<Request, Result>(options: BatcherOptions<Request, Result>): Batcher<Request, Result> {
  const {
    run,
    maxBatchSize,
    maxRunning,
    maxWaiting = DEFAULT_MAX_WAITING,
    queueTimeoutMs = QUEUE_TIMEOUT_MS,
  } = options;
  const { distinctBy, metrics } = options;
  type Entry = Waiting<Request, Result>;
  /** By key, in the order in which keys are served; a served key moves to the end. */
  const queues = new Map<string, Queue<Entry>>();
  const running = new Set<string>();
  let waiting = 0;
  let dispatching = false;
  let overdueTimer: NodeJS.Timeout | undefined;
  /** A batch that starts because another has ended must not run in the async context of a request of that one. */
  const ownContext = new AsyncResource('batcher');
  metrics?.watchWaiting(() => waiting);

  function dispatchSoon(): void {
    if (dispatching) return;
    dispatching = true;
    setImmediate(dispatch);
  }

  function dispatch(): void {
    dispatching = false;
    for (const [key, queue] of queues) {
      if (running.size >= maxRunning) break;
      if (running.has(key)) continue;
      if (queue.arrived >= COALESCE_THRESHOLD && queue.entries.length < maxBatchSize) dispatchSoon();
      else void send(key, take(key, queue.entries));
      queue.arrived = 0;
    }
  }

  /** Removes the next batch from a queue, and rejects cancelled requests. */
  function take(key: string, queue: Entry[]): Entry[] {
    const batch: Entry[] = [];
    const left: Entry[] = [];
    const taken = new Set<string>();
    let next = 0;
    for (; next < queue.length && batch.length < maxBatchSize; next += 1) {
      const entry = queue[next] as Entry;
      const distinct = distinctBy?.(entry.request);
      if (entry.signal?.aborted) entry.reject(new RequestCancelledError('The caller was cancelled'));
      else if (distinct !== undefined && taken.has(distinct)) left.push(entry);
      else {
        if (distinct !== undefined) taken.add(distinct);
        batch.push(entry);
      }
    }
    const rest = left.concat(queue.slice(next));
    waiting -= queue.length - rest.length;
    queues.delete(key);
    if (rest.length > 0) queues.set(key, { entries: rest, arrived: 0 });
    return batch;
  }

  async function send(key: string, batch: readonly Entry[]): Promise<void> {
    const [oldest] = batch;
    if (!oldest) return;
    running.add(key);
    metrics?.batch(batch.length, (performance.now() - oldest.since) / 1000);
    try {
      const outcomes = await run(
        key,
        batch.map(({ request }) => request),
      );
      batch.forEach(({ resolve, reject }, index) => {
        const outcome =
          index < outcomes.length ? (outcomes[index] as Result | Error) : new Error('no outcome was given');
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      running.delete(key);
      if (queues.size > 0) ownContext.runInAsyncScope(dispatchSoon);
    }
  }

  /** Rejects requests that have waited too long, the first ones of their queues. One timer serves all queues. */
  function rejectOverdue(): void {
    overdueTimer = undefined;
    const end = performance.now() - queueTimeoutMs;
    for (const [key, { entries }] of queues) {
      const kept = entries.findIndex(({ since }) => since > end);
      const late = kept === -1 ? entries.splice(0) : entries.splice(0, kept);
      waiting -= late.length;
      if (entries.length === 0) queues.delete(key);
      for (const { reject } of late) reject(new OverloadedError());
    }
    watchDeadlines();
  }

  function watchDeadlines(): void {
    if (overdueTimer || waiting === 0) return;
    const oldest = Math.min(...[...queues.values()].map(({ entries: [first] }) => first?.since ?? Infinity));
    overdueTimer = setTimeout(rejectOverdue, Math.max(1, oldest + queueTimeoutMs - performance.now()));
    overdueTimer.unref();
  }

  return {
    submit(key, request, signal) {
      if (waiting >= maxWaiting) return Promise.reject(new OverloadedError());
      return new Promise<Result>((resolve, reject) => {
        const entry = { request, signal, since: performance.now(), resolve, reject };
        const queue = queues.get(key) ?? { entries: [], arrived: 0 };
        queue.entries.push(entry);
        queue.arrived += 1;
        queues.set(key, queue);
        waiting += 1;
        watchDeadlines();
        if (!running.has(key) && running.size < maxRunning) dispatchSoon();
      });
    },
  };
}

/**
 * Runs a batch. If it fails for a reason that one of its requests may have caused, runs each half by itself, and so on: a
 * faulty request fails alone, and the others are served.
 *
 * @param run serves the requests together, or throws with nothing done.
 * @param maySplit whether a single request may have caused the failure; otherwise the failure is thrown.
 * @param onSplit called before each split.
 * @returns one outcome for each request, in their order; an Error for a request that failed.
 */
export async function runOrSplit<Request, Result>(
  requests: readonly Request[],
  run: (requests: readonly Request[]) => Promise<readonly (Result | Error)[]>,
  maySplit: (error: unknown) => boolean,
  onSplit: (error: unknown, size: number) => void,
): Promise<readonly (Result | Error)[]> {
  try {
    return await run(requests);
  } catch (error) {
    if (requests.length === 1 || !maySplit(error)) throw error;
    onSplit(error, requests.length);
    const middle = Math.ceil(requests.length / 2);
    const outcomes: (Result | Error)[] = [];
    // One after the other: both lock the same row, and the first half arrived first.
    for (const half of [requests.slice(0, middle), requests.slice(middle)]) {
      const outcome = await runOrSplit(half, run, maySplit, onSplit).catch((failure: unknown) =>
        half.map(() => (failure instanceof Error ? failure : new Error(String(failure)))),
      );
      outcomes.push(...outcome);
    }
    return outcomes;
  }
}

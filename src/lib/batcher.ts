import { AsyncResource } from 'node:async_hooks';
import { OverloadedError } from './errors/index.js';
import type { BatchMetrics } from './metrics.js';

export interface BatcherOptions<Request, Result> {
  /**
   * Serves a batch. Gives one outcome for each request, in their order: an Error is thrown to that caller alone. What it
   * throws itself is thrown to every caller of the batch.
   */
  readonly run: (key: string, requests: readonly Request[]) => Promise<readonly (Result | Error)[]>;
  /** Requests in one batch, at most. */
  readonly maxBatch: number;
  /** Batches under way at once, each of another key. */
  readonly maxRunning: number;
  /** How many may wait: 20 000 if left out. */
  readonly maxWaiting?: number;
  /** ms. How long one may wait for its batch to be sent: 10 s if left out. */
  readonly maxWait?: number;
  /** No two requests of one batch have the same of these: the later one is left for a later batch. */
  readonly distinctBy?: (request: Request) => string;
  readonly metrics?: BatchMetrics;
}

/** Who waits for an outcome, an AbortSignal for instance; asked when the batch is sent. */
export interface CancellationSignal {
  readonly aborted: boolean;
}

export interface Batcher<Request, Result> {
  /**
   * Lets a request be served in a batch with others of its key, in order of arrival.
   *
   * @throws {OverloadedError} too many wait, or this one waited too long; it was not served.
   * @throws {RequestCancelledError} the caller had gone when its batch was sent; it was not served.
   * @throws what `run` gave or threw.
   */
  submit(key: string, request: Request, caller?: CancellationSignal): Promise<Result>;
}

/** Nobody waits for the answer any more. */
export class RequestCancelledError extends Error {
  override readonly name = 'RequestCancelledError';
}

interface Waiting<Request, Result> {
  readonly request: Request;
  readonly caller: CancellationSignal | undefined;
  /** ms, of `performance.now()`. */
  readonly since: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

interface Queue<Entry> {
  /** In order of arrival; never empty. */
  readonly entries: Entry[];
  /** How many have come since it was last decided whether its next batch goes. */
  arrived: number;
}

/** So many in one turn of the event loop are a crowd: others of it are likely to come in the next. */
const COALESCE_THRESHOLD = 16;
const DEFAULT_MAX_WAITING = 20_000;
const DEFAULT_MAX_WAIT = 10_000;

/**
 * Gathers requests of a kind so that many share one piece of work. For each key one batch is under way; what arrives
 * meanwhile forms the next. There is no timer: a batch goes at the end of the turn of the event loop in which it can, so that
 * a lone request waits for nobody and those that arrive in one turn go together; while a crowd streams in, it goes when it is
 * full or the stream thins out.
 */
export function createBatcher<Request, Result>(options: BatcherOptions<Request, Result>): Batcher<Request, Result> {
  const { run, maxBatch, maxRunning, maxWaiting = DEFAULT_MAX_WAITING, maxWait = DEFAULT_MAX_WAIT } = options;
  const { distinctBy, metrics } = options;
  type Entry = Waiting<Request, Result>;
  /** By key. The keys too are in order: one whose turn has come goes to the end. */
  const queues = new Map<string, Queue<Entry>>();
  const running = new Set<string>();
  let waiting = 0;
  let dispatching = false;
  let expiry: NodeJS.Timeout | undefined;
  /** No request's: a batch that goes because another has ended is not part of what that one was for. */
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
      if (queue.arrived >= COALESCE_THRESHOLD && queue.entries.length < maxBatch) dispatchSoon();
      else void send(key, take(key, queue.entries));
      queue.arrived = 0;
    }
  }

  /** Takes the next batch out of a queue, and drops callers that have gone on the way. */
  function take(key: string, queue: Entry[]): Entry[] {
    const batch: Entry[] = [];
    const left: Entry[] = [];
    const taken = new Set<string>();
    let next = 0;
    for (; next < queue.length && batch.length < maxBatch; next += 1) {
      const entry = queue[next] as Entry;
      const distinct = distinctBy?.(entry.request);
      if (entry.caller?.aborted) entry.reject(new RequestCancelledError('the caller has gone'));
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

  /** Refuses those who have waited too long: they are the first of their queues. One timer serves all. */
  function expire(): void {
    expiry = undefined;
    const end = performance.now() - maxWait;
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
    if (expiry || waiting === 0) return;
    const oldest = Math.min(...[...queues.values()].map(({ entries: [first] }) => first?.since ?? Infinity));
    expiry = setTimeout(expire, Math.max(1, oldest + maxWait - performance.now()));
    expiry.unref();
  }

  return {
    submit(key, request, caller) {
      if (waiting >= maxWaiting) return Promise.reject(new OverloadedError());
      return new Promise<Result>((resolve, reject) => {
        const entry = { request, caller, since: performance.now(), resolve, reject };
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

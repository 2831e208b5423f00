import type { IncomingMessage } from 'node:http';
import type { CancellationSignal } from '../batcher.js';
import { createFairLimit } from '../fair-limit.js';
import type { TtlCache } from '../ttl-cache.js';
import type { ClientAddress } from './request/client-address.js';

/** Reads that wait; more than one address sends in the time that they may wait, unless it is a flood. */
const MAX_WAITING_READS = 2_000;
const DEFAULT_MAX_WAIT_MS = 2_000;

/**
 * Runs a read within the limit.
 *
 * @param shared reads with the same cache and key that have not started wait as one. Left out: none does.
 * @throws {OverloadedError} too many reads wait.
 */
export type LimitRead = <Result>(read: () => Promise<Result>, shared?: CacheEntry) => Promise<Result>;

interface CacheEntry {
  readonly cache: object;
  readonly key: string;
}

export interface ReadLimit {
  /** The limit for the read of one request. */
  of(req: IncomingMessage, signal?: CancellationSignal): LimitRead;
  /** The number of reads that wait. */
  waiting(): number;
}

interface ReadLimitOptions {
  readonly maxRunning: number;
  readonly clientAddress: ClientAddress;
  /** Default 2 s. */
  readonly maxWaitMs?: number | undefined;
}

/**
 * Limits the reads of this process, so that they leave connections and time for reservations: see docs/adr/0033. Addresses
 * take turns.
 */
export function createReadLimit({
  maxRunning,
  clientAddress,
  maxWaitMs = DEFAULT_MAX_WAIT_MS,
}: ReadLimitOptions): ReadLimit {
  const limit = createFairLimit({ maxRunning, maxWaiting: MAX_WAITING_READS, maxWaitMs });
  /** Shared reads that have not started, by key. */
  const pending = new WeakMap<object, Map<string, PendingRead<unknown>>>();

  function pendingOf(cache: object): Map<string, PendingRead<unknown>> {
    const known = pending.get(cache) ?? new Map<string, PendingRead<unknown>>();
    pending.set(cache, known);
    return known;
  }

  /** Starts the read when the first of the addresses that wait for it has its turn. */
  function runShared<Result>(address: string, read: () => Promise<Result>, { cache, key }: CacheEntry) {
    const reads = pendingOf(cache);
    // The same cache and key mean the same type.
    const known = reads.get(key) as PendingRead<Result> | undefined;
    const shared = known ?? createPendingRead(read, () => reads.delete(key));
    reads.set(key, shared);
    let turn = shared.turns.get(address);
    if (!turn) {
      turn = limit.run(address, shared.start);
      shared.turns.set(address, turn);
      turn.catch(() => {
        shared.turns.delete(address);
        if (shared.turns.size === 0 && reads.get(key) === shared) reads.delete(key);
      });
    }
    return Promise.race([shared.result, turn]);
  }

  return {
    of: (req, signal) => (read, shared) => {
      const address = clientAddress(req);
      return shared ? runShared(address, read, shared) : limit.run(address, read, { signal });
    },
    waiting: limit.waiting,
  };
}

/** A read that several addresses wait for. */
interface PendingRead<Result> {
  /** One for each address; it rejects if that address may not wait any longer. */
  readonly turns: Map<string, Promise<Result>>;
  readonly result: Promise<Result>;
  readonly start: () => Promise<Result>;
}

/** @param onStart called before the read starts: a request that arrives later may need a later read. */
function createPendingRead<Result>(read: () => Promise<Result>, onStart: () => void): PendingRead<Result> {
  let started: Promise<Result> | undefined;
  let resolve: (result: Promise<Result>) => void;
  return {
    turns: new Map(),
    result: new Promise<Result>((resolveResult) => (resolve = resolveResult)),
    start() {
      if (!started) {
        onStart();
        started = read();
        resolve(started);
      }
      return started;
    },
  };
}

/**
 * Returns the cached value of a key, or reads it within the limit. The limit is outside of the cache, in which the requests of
 * all clients would wait for the turn of the address that came first.
 */
export function getLimited<T>(
  cache: TtlCache<T>,
  key: string,
  read: () => Promise<T>,
  limitRead: LimitRead,
): Promise<T> {
  const get = () => cache.get(key, read);
  return cache.has(key) ? get() : limitRead(get, { cache, key });
}

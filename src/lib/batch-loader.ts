import { createBatcher } from './batcher.js';
import type { Metrics } from './metrics.js';

/** Loads what belongs to a key. */
export type BatchLoader<Found, Key = string> = (key: Key) => Promise<Found>;

interface BatchLoaderOptions<Found, Key> {
  /** For the metrics. */
  readonly name: string;
  readonly metrics: Metrics;
  /** As in {@link createBatcher}. */
  readonly queueTimeoutMs?: number | undefined;
  /**
   * Returns what belongs to each key, in the order of the keys. Use array parameters, so that the statement and its plan stay the
   * same, and one row of JSON, which Prisma reads faster than many rows.
   */
  readonly find: (keys: readonly Key[]) => Promise<readonly Found[]>;
}

const MAX_BATCH_SIZE = 1_000;

/**
 * Combines concurrent loads into one query. Nothing is cached: a load's query begins after the load was requested.
 *
 * @throws {OverloadedError} and database errors.
 */
export function createBatchLoader<Found, Key = string>(
  options: BatchLoaderOptions<Found, Key>,
): BatchLoader<Found, Key> {
  const { name, metrics, queueTimeoutMs, find } = options;
  const batcher = createBatcher<Key, Found>({
    maxBatchSize: MAX_BATCH_SIZE,
    maxRunning: 1,
    queueTimeoutMs,
    metrics: metrics.ofBatcher(name),
    run: (_key, keys) => find(keys),
  });
  return (key) => batcher.submit('all', key);
}

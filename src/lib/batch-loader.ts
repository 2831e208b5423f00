import { createBatcher } from './batcher.js';
import type { Metrics } from './metrics.js';

/** Loads a row by its id; null if there is none. */
export type BatchLoader<Found> = (id: string) => Promise<Found | null>;

interface BatchLoaderOptions<Found> {
  /** For the metrics. */
  readonly name: string;
  readonly metrics: Metrics;
  /** As in {@link createBatcher}. */
  readonly queueTimeoutMs?: number | undefined;
  /**
   * Returns the existing ones of these, in any order. Use one array parameter, so that the statement and its plan stay the same,
   * and one row of JSON, which Prisma reads faster than many rows.
   */
  readonly find: (ids: readonly string[]) => Promise<readonly Found[]>;
}

const MAX_BATCH_SIZE = 1_000;

/**
 * Combines concurrent loads into one query. Nothing is cached: a load's query begins after the load was requested.
 *
 * @throws {OverloadedError} and database errors.
 */
export function createBatchLoader<Found extends { readonly id: string }>(
  options: BatchLoaderOptions<Found>,
): BatchLoader<Found> {
  const { name, metrics, queueTimeoutMs, find } = options;
  const batcher = createBatcher<string, Found | null>({
    maxBatchSize: MAX_BATCH_SIZE,
    maxRunning: 1,
    queueTimeoutMs,
    metrics: metrics.ofBatcher(name),
    async run(_key, ids) {
      const found = new Map((await find(ids)).map((each) => [each.id, each]));
      return ids.map((id) => found.get(id) ?? null);
    },
  });
  return (id) => batcher.submit('all', id);
}

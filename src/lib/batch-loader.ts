import { createBatcher } from './batcher.js';
import type { Metrics } from './metrics.js';

/** Finds something by its id; null if there is none. */
export type BatchLoader<Found> = (id: string) => Promise<Found | null>;

interface BatchLoaderOptions<Found> {
  /** For the metrics. */
  readonly name: string;
  readonly metrics: Metrics;
  /**
   * Finds all of these that exist, in any order. Best by one parameter, so that the statement and its plan stay the same, and
   * in one row of JSON: Prisma takes four times as long over as many rows.
   */
  readonly find: (ids: readonly string[]) => Promise<readonly Found[]>;
}

const MAX_BATCH = 1_000;

/**
 * Lets lookups at the same time share one query. Each is answered by a query that began after it: nothing is remembered.
 *
 * @throws {OverloadedError} or what the database says.
 */
export function createBatchLoader<Found extends { readonly id: string }>(
  options: BatchLoaderOptions<Found>,
): BatchLoader<Found> {
  const { name, metrics, find } = options;
  const batcher = createBatcher<string, Found | null>({
    maxBatch: MAX_BATCH,
    maxRunning: 1,
    metrics: metrics.ofBatcher(name),
    async run(_key, ids) {
      const found = new Map((await find(ids)).map((each) => [each.id, each]));
      return ids.map((id) => found.get(id) ?? null);
    },
  });
  return (id) => batcher.submit('all', id);
}

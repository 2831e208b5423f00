import { setTimeout as sleep } from 'node:timers/promises';
import type { CancellationSignal } from '../batcher.js';
import { OverloadedError } from '../errors/index.js';
import type { LimitRead } from './read-limit.js';

/** Rows of a chunk: a few milliseconds of the process, and about 200 kB of JSON. */
export const CHUNK_SIZE = 500;

/** Reads that a chunk may be refused by the limit of all reads before the response fails. */
const MAX_REFUSALS = 20;
const RETRY_DELAY_MS = 1_000;

/** What a handler passes on from its request to read a list chunk by chunk. */
export interface ChunkReader {
  readonly limitRead: LimitRead;
  readonly signal: CancellationSignal;
}

/**
 * Reads a list chunk by chunk, each within the limit of reads, as fast as the response is sent. Between two chunks it occupies
 * neither a connection nor a transaction.
 *
 * @param find returns the first {@link CHUNK_SIZE} rows after the given one; fewer are the last.
 * @throws {OverloadedError} the limit of reads refused one chunk too often.
 */
export async function* readChunks<Row>(
  { limitRead, signal }: ChunkReader,
  find: (after: Row | undefined) => Promise<Row[]>,
): AsyncGenerator<Row[]> {
  let last: Row | undefined;
  let refusals = 0;
  for (;;) {
    let rows: Row[];
    try {
      rows = await limitRead(() => find(last));
    } catch (error) {
      refusals += 1;
      if (!(error instanceof OverloadedError) || refusals > MAX_REFUSALS || signal.aborted) throw error;
      await sleep(RETRY_DELAY_MS);
      continue;
    }
    refusals = 0;
    yield rows;
    if (rows.length < CHUNK_SIZE) return;
    last = rows.at(-1);
  }
}

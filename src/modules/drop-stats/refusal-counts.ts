import type { Database } from '../../lib/db/database.js';
import { inTransaction } from '../../lib/db/transaction.js';
import { OutcomeUnknownError } from '../../lib/errors/index.js';
import type { FailureLog } from '../../lib/failure-log.js';
import type { Logger } from '../../lib/logger.js';
import { createPollingLoop } from '../../lib/polling-loop.js';
import { addRefusals, deleteOldMinutes, type RefusalCount } from './refusals.queries.js';

interface RefusalCountsDependencies {
  readonly db: Database;
  readonly logger: Logger;
  readonly failures: FailureLog;
}

export interface RefusalCounts {
  /**
   * Counts a refused request to reserve a drop. The drop has to exist: the memory for the counts, and their rows, are bounded by the
   * number of drops and of codes.
   */
  count(dropId: string, code: string): void;
  /** Writes the counts once a second, if there are any, until stop(). Never throws: a failure is logged and retried. */
  start(): void;
  /** Writes what was counted, and ends. What cannot be written is logged. */
  stop(): Promise<void>;
}

const WRITE_INTERVAL_MS = 1_000;
/** Counts that one statement writes. */
const MAX_COUNTS = 1_000;
const DELETE_INTERVAL_MS = 3_600_000;
/** Rows that one statement deletes. */
const MAX_DELETED = 1_000;

/** Counts refused requests to reserve in memory, by drop and code, and adds the counts to the database: see docs/adr/0050. */
export function createRefusalCounts({ db, logger, failures }: RefusalCountsDependencies): RefusalCounts {
  /** By drop, then by code. */
  let counts = new Map<string, Map<string, number>>();
  let deletionDueAt = 0;

  function add(dropId: string, code: string, refusals: number): void {
    let ofDrop = counts.get(dropId);
    if (!ofDrop) {
      ofDrop = new Map();
      counts.set(dropId, ofDrop);
    }
    ofDrop.set(code, (ofDrop.get(code) ?? 0) + refusals);
  }

  function take(): RefusalCount[] {
    const taken = [...counts].flatMap(([dropId, ofDrop]) =>
      [...ofDrop].map(([code, refusals]) => ({ dropId, code, refusals })),
    );
    counts = new Map();
    return taken;
  }

  async function write(): Promise<void> {
    const taken = take();
    for (let start = 0; start < taken.length; start += MAX_COUNTS) {
      try {
        await inTransaction(db, (tx) => addRefusals(tx, taken.slice(start, start + MAX_COUNTS)));
      } catch (error) {
        // If the answer to the COMMIT was lost, these counts may have been added: a second time would invent refusals.
        const notWritten = error instanceof OutcomeUnknownError ? start + MAX_COUNTS : start;
        for (const { dropId, code, refusals } of taken.slice(notWritten)) add(dropId, code, refusals);
        throw error;
      }
    }
  }

  async function deleteOld(): Promise<void> {
    if (performance.now() < deletionDueAt) return;
    const deleted = await deleteOldMinutes(db, MAX_DELETED);
    if (deleted < MAX_DELETED) deletionDueAt = performance.now() + DELETE_INTERVAL_MS;
  }

  const loop = createPollingLoop({
    retryDelayMs: WRITE_INTERVAL_MS,
    async poll() {
      if (counts.size === 0) return WRITE_INTERVAL_MS;
      await write();
      await deleteOld();
      return WRITE_INTERVAL_MS;
    },
    report: {
      logger,
      failures,
      affected: 'stats',
      failed: 'Cannot write the counts of refusals, retrying every second',
      recovered: 'The counts of refusals are written again',
    },
  });

  return {
    count(dropId, code) {
      add(dropId, code, 1);
    },
    start: loop.start,
    async stop() {
      await loop.stop();
      try {
        await write();
      } catch (err) {
        logger.warn({ err, counts: take() }, 'Cannot write the last counts of refusals, they are lost');
      }
    },
  };
}

import { isLaterStatus } from '../../inventory/inventory-snapshot.js';
import type { Database } from '../../lib/db/database.js';
import type { FailureLog } from '../../lib/failure-log.js';
import type { Logger } from '../../lib/logger.js';
import { createPollingLoop, type PollingLoop } from '../../lib/polling-loop.js';
import type { DropResponse } from '../../modules/drops/drops.schema.js';
import type { Broadcaster } from '../broadcast/broadcaster.js';
import type { ReadSnapshots } from '../broadcast/inventory-snapshots.js';
import { pollLedger, type MovedDrop, type StartedOrEndedDrop } from './ledger.queries.js';
import { createVisibilityHorizon, type Poll } from './visibility-horizon.js';

interface LedgerPollerDependencies {
  readonly db: Database;
  readonly broadcaster: Pick<Broadcaster, 'publishLocally' | 'publishStatus' | 'published' | 'evictIdle' | 'setEpoch'>;
  readonly readSnapshots: ReadSnapshots;
  /** Drops as the API returns them. Ids that do not exist are left out. */
  readonly getDrops: (ids: readonly string[]) => Promise<readonly DropResponse[]>;
  /** Whether this process has a socket to publish to. */
  readonly hasSockets: () => boolean;
  readonly logger: Logger;
  readonly failures: FailureLog;
}

/** A poll costs PostgreSQL a fraction of a millisecond. */
const POLL_INTERVAL_MS = 200;
/**
 * While this process has no socket. A poll reads from the poll before the last one, and so less than a minute: a drop that
 * changed since then is published together with its snapshot for a new socket, and not once more.
 */
const IDLE_POLL_INTERVAL_MS = 20_000;
/** Covers the rounding of times to milliseconds, and a clock that is set back slightly. */
const OVERLAP_MS = 1_000;
/** Longer than the time in which a snapshot counts as changed recently. */
const IDLE_CHANNEL_MS = 120_000;
const MAX_DROPS_PER_READ = 100;

/**
 * Publishes changes that this process did not make: by another process, by a crash between commit and publish, or by a manual
 * edit in Prisma Studio or psql; and starts and ends, which no process makes. It reads the ledger, which has one row for each
 * change of a drop, and publishes the current state of the drops that changed.
 */
export function createLedgerPoller({
  db,
  broadcaster,
  readSnapshots,
  getDrops,
  hasSockets,
  logger,
  failures,
}: LedgerPollerDependencies) {
  let loop: PollingLoop | undefined;
  /** Whether the pause after the last poll is the long one. */
  let isIdle = false;

  const withOverlap = (time: Date) => new Date(time.getTime() - OVERLAP_MS);

  async function publishVersions(moved: readonly MovedDrop[]): Promise<void> {
    const edited = moved.filter(
      ({ dropId, editVersion }) => (editVersion ?? 0) > broadcaster.published(dropId).detailsVersion,
    );
    const created = new Set(
      edited.flatMap(({ isNew, dropId }) =>
        isNew && broadcaster.published(dropId).detailsVersion === 0 ? dropId : [],
      ),
    );
    // May be published by the time at which they are read.
    const drafts = new Set(edited.flatMap(({ status, dropId }) => (status === 'draft' ? dropId : [])));
    const isAnnounced = ({ id, status }: DropResponse) => status !== 'draft' && (created.has(id) || drafts.has(id));
    const changed = moved.filter(
      ({ dropId, version }) => !created.has(dropId) && version > broadcaster.published(dropId).version,
    );
    if (changed.length > 0) {
      const { loaded } = await readSnapshots(changed.map(({ dropId }) => dropId));
      for (const { snapshot } of loaded) broadcaster.publishLocally('inventory_update', snapshot);
    }
    await forEachDrop(edited, (drop) => {
      broadcaster.publishLocally(isAnnounced(drop) ? 'new_drop' : 'drop_update', drop);
    });
  }

  /**
   * Publishes the drops whose status is later than the published one. These are drops that started or ended, and drops that
   * moved: the published snapshot of a movement may have been read before the start or the end and sent after it.
   */
  async function publishStatuses(
    moved: readonly MovedDrop[],
    startedOrEnded: readonly StartedOrEndedDrop[],
  ): Promise<void> {
    const outdated = [...moved, ...startedOrEnded].filter(({ dropId, version, status }) => {
      const published = broadcaster.published(dropId);
      if (status === null || published.status === null) return false;
      return version >= published.version && isLaterStatus(status, published.status);
    });
    const unpublished = startedOrEnded.filter(({ dropId }) => broadcaster.published(dropId).status === null);
    await forEachDrop([...outdated, ...unpublished], (drop) => {
      broadcaster.publishStatus(drop);
    });
  }

  async function forEachDrop(
    drops: readonly { dropId: string }[],
    publish: (drop: DropResponse) => void,
  ): Promise<void> {
    const ids = [...new Set(drops.map(({ dropId }) => dropId))];
    for (let from = 0; from < ids.length; from += MAX_DROPS_PER_READ) {
      for (const drop of await getDrops(ids.slice(from, from + MAX_DROPS_PER_READ))) publish(drop);
    }
  }

  function createLoop(first: Poll): PollingLoop {
    let horizon = createVisibilityHorizon(first);
    /** Starts and ends up to this time of the database's clock are published. */
    let clock = first.time;

    return createPollingLoop({
      retryDelayMs: POLL_INTERVAL_MS,
      async poll() {
        const result = await pollLedger(db, withOverlap(horizon.defaultStart), clock);
        const { poll, epoch, startedOrEnded, nextStartOrEndAt } = result;
        if (broadcaster.setEpoch(epoch)) {
          logger.warn({ epoch }, 'The database was replaced: clients reconnect and load everything again');
          horizon = createVisibilityHorizon(poll);
          clock = poll.time;
          return POLL_INTERVAL_MS;
        }
        // Earlier than usual after a long transaction has ended: read again from its beginning.
        const unseenSince = horizon.unseenSince(poll);
        const moved =
          unseenSince < horizon.defaultStart
            ? (await pollLedger(db, withOverlap(unseenSince), null)).moved
            : result.moved;
        await publishVersions(moved);
        await publishStatuses(moved, startedOrEnded);
        horizon.record(poll);
        clock = poll.time;
        broadcaster.evictIdle(horizon.at - IDLE_CHANNEL_MS);
        isIdle = !hasSockets();
        if (isIdle) return IDLE_POLL_INTERVAL_MS;
        return Math.min(POLL_INTERVAL_MS, Math.max(1, nextStartOrEndAt - performance.now()));
      },
      report: {
        logger,
        failures,
        affected: 'ledger poll',
        failed: 'The ledger cannot be read; retrying',
        recovered: 'The ledger is read again',
      },
    });
  }

  return {
    /** Reads the state to start from, and publishes every later change until stop(). @throws database errors. */
    async start() {
      if (loop) return;
      const { poll, epoch } = await pollLedger(db, null, null);
      broadcaster.setEpoch(epoch);
      loop = createLoop(poll);
      loop.start();
    },
    /** Polls at once if the poller is idle: call it when a socket has connected. */
    wake() {
      if (!isIdle) return;
      isIdle = false;
      loop?.wake();
    },
    /** Ends after the poll in progress. */
    async stop() {
      await loop?.stop();
      loop = undefined;
    },
  };
}

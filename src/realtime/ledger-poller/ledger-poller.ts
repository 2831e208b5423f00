import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../lib/db/database.js';
import type { FailureLog } from '../../lib/failure-log.js';
import type { Logger } from '../../lib/logger.js';
import type { DropStatus } from '../../inventory/inventory.schema.js';
import type { DropResponse } from '../../modules/drops/drops.schema.js';
import type { Broadcaster } from '../broadcast/broadcaster.js';
import { isLaterStatus } from '../../client/inventory-snapshot.js';
import { createLooks, type Look } from './visibility-horizon.js';
import type { ReadSnapshot } from '../broadcast/inventory-snapshots.js';

interface LedgerPollerDependencies {
  readonly db: Database;
  readonly broadcaster: Pick<Broadcaster, 'receive' | 'receiveState' | 'known' | 'forget' | 'enter'>;
  readonly readSnapshot: ReadSnapshot;
  /** Drops as the API returns them: those that exist. */
  readonly getDrops: (ids: readonly string[]) => Promise<readonly DropResponse[]>;
  readonly logger: Logger;
  readonly failures: FailureLog;
}

export interface LedgerPoller {
  /** Takes note of how things stand, and begins to tell what changes, until stop(). @throws what the database says. */
  start(): Promise<void>;
  /** Ends after the look under way. */
  stop(): Promise<void>;
}

/** A drop that moved since a time. */
interface Moved {
  readonly dropId: string;
  readonly version: number;
  /** Its latest version that more than moved units: the drop was made, or a detail or the total was changed. */
  readonly editVersion: number | null;
  readonly isNew: boolean;
  /** Its state when it was read; null if the drop does not exist any more. */
  readonly status: DropStatus | null;
}

/** A drop that started or ended since a time, and its state when it was read. */
interface Crossed {
  readonly dropId: string;
  readonly version: number;
  readonly status: DropStatus;
}

/** What one read of the ledger and of the clock has found. */
interface Found {
  readonly look: Look;
  /** Of the database that was read. */
  readonly epoch: string;
  readonly moved: readonly Moved[];
  readonly crossed: readonly Crossed[];
  /** When the next drop starts or ends, in ms of `performance.now()`; Infinity if none will. */
  readonly dueAt: number;
}

/** ms. Between two looks at the ledger; one costs PostgreSQL a fraction of a millisecond. */
const PAUSE = 200;
/** ms. Times are rounded to milliseconds, and a server's clock may be set back a little. */
const MARGIN = 1_000;
/** ms. How long a drop rests before it is forgotten that everybody knows of it; longer than a snapshot's "lately". */
const REST = 120_000;
/** Drops that are read in one statement. */
const MAX_DROPS_PER_READ = 100;

/**
 * Tells the sockets of this process what nobody announced to them: what another process changed, or this one's predecessor
 * that died between its commit and its announcement, or an admin in Prisma Studio or psql; and that a drop has started or
 * ended. It reads the ledger, which has every change of a drop, whoever made it, and hands on how the drop stands now.
 */
export function createLedgerPoller({
  db,
  broadcaster,
  readSnapshot,
  getDrops,
  logger,
  failures,
}: LedgerPollerDependencies): LedgerPoller {
  let running: { stopping: AbortController; ended: Promise<void> } | undefined;

  /**
   * Reads what moved since `since`, and which drops started or ended after `clockSince`. All in one statement, which has one
   * view of the database: a drop whose start is found here has its ledger entry found here, too.
   *
   * The starts and ends are walked one by one along their indexes, up to the first that is still to come. A range would be
   * read in another way where the statistics are wrong.
   */
  async function lookAt(since: Date | null, clockSince: Date | null): Promise<Found> {
    const [row] = await db.$queryRaw<
      [{ time: Date; epoch: string; open: string[]; moved: Moved[]; crossed: Crossed[]; dueIn: number | null }]
    >`
      WITH RECURSIVE
      starts AS (
        (SELECT drop_starts_at AS at, id FROM drops
         WHERE drop_starts_at > ${clockSince}::timestamptz
         ORDER BY drop_starts_at, id LIMIT 1)
        UNION ALL
        SELECT next.at, next.id FROM starts CROSS JOIN LATERAL (
          SELECT d.drop_starts_at AS at, d.id FROM drops d
          WHERE (d.drop_starts_at, d.id) > (starts.at, starts.id)
          ORDER BY d.drop_starts_at, d.id LIMIT 1) next
        WHERE starts.at <= statement_timestamp()),
      ends AS (
        (SELECT drop_ends_at AS at, id FROM drops
         WHERE drop_ends_at > ${clockSince}::timestamptz
         ORDER BY drop_ends_at, id LIMIT 1)
        UNION ALL
        SELECT next.at, next.id FROM ends CROSS JOIN LATERAL (
          SELECT d.drop_ends_at AS at, d.id FROM drops d
          WHERE (d.drop_ends_at, d.id) > (ends.at, ends.id)
          ORDER BY d.drop_ends_at, d.id LIMIT 1) next
        WHERE ends.at <= statement_timestamp()),
      due AS (SELECT * FROM starts UNION ALL SELECT * FROM ends),
      crossed AS (
        SELECT id AS "dropId", state.version, state.status
        FROM (SELECT DISTINCT id FROM due WHERE at <= statement_timestamp()) reached
        CROSS JOIN LATERAL (SELECT d.version, drop_status(d) AS status FROM drops d WHERE d.id = reached.id LIMIT 1) state)
      SELECT date_trunc('milliseconds', statement_timestamp()) AS time,
        (SELECT database_epoch()) AS epoch,
        ARRAY(SELECT transactionid::text FROM pg_locks
              WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' AND granted) AS open,
        (SELECT coalesce(jsonb_agg(m), '[]') FROM (
           SELECT drop_id AS "dropId", max(version) AS version, bool_or(version = 1) AS "isNew",
                  max(version) FILTER (WHERE delta_available + delta_reserved + delta_sold <> 0
                                          OR (delta_available = 0 AND delta_reserved = 0 AND delta_sold = 0)) AS "editVersion",
                  (SELECT drop_status(d) FROM drops d WHERE d.id = drop_id) AS status
           FROM stock_movements
           WHERE created_at >= ${since}::timestamptz
           GROUP BY drop_id) m) AS moved,
        (SELECT coalesce(jsonb_agg(c), '[]') FROM crossed c) AS crossed,
        (SELECT ceil(extract(epoch FROM min(at) - clock_timestamp()) * 1000)::float8 FROM due
         WHERE at > statement_timestamp()) AS "dueIn"`;
    const { time, open, epoch, moved, crossed, dueIn } = row;
    const at = performance.now();
    return { look: { time, open, at }, epoch, moved, crossed, dueAt: at + (dueIn ?? Infinity) };
  }

  const withMargin = (time: Date) => new Date(time.getTime() - MARGIN);

  /** Publishes the changes that were not published yet. */
  async function publishChanges(moved: readonly Moved[]): Promise<void> {
    const edited = moved.filter(
      ({ dropId, editVersion }) => (editVersion ?? 0) > broadcaster.known(dropId).detailsVersion,
    );
    const made = new Set(
      edited.flatMap(({ isNew, dropId }) => (isNew && broadcaster.known(dropId).detailsVersion === 0 ? dropId : [])),
    );
    const changed = moved.filter(
      ({ dropId, version }) => !made.has(dropId) && version > broadcaster.known(dropId).version,
    );
    if (changed.length > 0) {
      const { read } = await readSnapshot(changed.map(({ dropId }) => dropId));
      for (const { picture } of read) broadcaster.receive('inventory_update', picture);
    }
    await eachDrop(edited, (drop) => {
      broadcaster.receive(made.has(drop.id) ? 'new_drop' : 'drop_update', drop);
    });
  }

  /**
   * Publishes the drops whose state is later than the published one: those that started or ended, and those that changed just
   * now, since what was published of a change may have been read before the start or the end, and sent after it.
   */
  async function publishStates(moved: readonly Moved[], crossed: readonly Crossed[]): Promise<void> {
    const behind = [...moved, ...crossed].filter(({ dropId, version, status }) => {
      const known = broadcaster.known(dropId);
      return (
        status !== null && known.status !== null && version >= known.version && isLaterStatus(status, known.status)
      );
    });
    const unknown = crossed.filter(({ dropId }) => broadcaster.known(dropId).status === null);
    await eachDrop([...behind, ...unknown], (drop) => {
      broadcaster.receiveState(drop);
    });
  }

  async function eachDrop(those: readonly { dropId: string }[], work: (drop: DropResponse) => void): Promise<void> {
    const ids = [...new Set(those.map(({ dropId }) => dropId))];
    for (let from = 0; from < ids.length; from += MAX_DROPS_PER_READ) {
      for (const drop of await getDrops(ids.slice(from, from + MAX_DROPS_PER_READ))) work(drop);
    }
  }

  async function loop(first: Look, signal: AbortSignal): Promise<void> {
    let looks = createLooks(first);
    /** Up to when starts and ends were published, by the database's clock. */
    let clock = first.time;
    let hasReported = false;
    while (!signal.aborted) {
      let pause = PAUSE;
      try {
        const { look, epoch, moved: latest, ...starts } = await lookAt(withMargin(looks.usualTime), clock);
        if (broadcaster.enter(epoch)) {
          logger.warn({ epoch }, 'the database was replaced: clients connect again and load everything anew');
          looks = createLooks(look);
          clock = look.time;
          await sleep(pause, undefined, { signal }).catch(() => undefined);
          continue;
        }
        const unseenSince = looks.unseenSince(look);
        // A transaction has ended that had been open for long: once, this look reaches back to its beginning.
        const reachesBack = unseenSince < looks.usualTime;
        const moved = reachesBack ? (await lookAt(withMargin(unseenSince), null)).moved : latest;
        await publishChanges(moved);
        await publishStates(moved, starts.crossed);
        looks.add(look);
        clock = look.time;
        broadcaster.forget(looks.reachesBackTo - REST);
        pause = Math.min(PAUSE, Math.max(1, starts.dueAt - performance.now()));
        if (hasReported) logger.info('the live updates from the database go on');
        hasReported = false;
      } catch (error) {
        if (!failures.record(error, 'ledger poll') && !hasReported) {
          logger.warn({ err: error }, 'the ledger cannot be read; it is tried again and again');
          hasReported = true;
        }
      }
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  return {
    async start() {
      if (running) return;
      const { look, epoch } = await lookAt(null, null);
      broadcaster.enter(epoch);
      const stopping = new AbortController();
      running = { stopping, ended: loop(look, stopping.signal) };
    },
    async stop() {
      running?.stopping.abort();
      await running?.ended;
      running = undefined;
    },
  };
}

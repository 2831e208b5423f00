import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../lib/db/database.js';
import { DropNotFoundError } from '../lib/errors/index.js';
import type { Logger } from '../lib/logger.js';
import type { DropResponse } from '../modules/drops/drops.schema.js';
import type { Broadcaster } from './broadcaster.js';
import { createLooks, type Look } from './looks.js';
import type { ReadSnapshot } from './snapshots.js';

interface RelayDependencies {
  readonly db: Database;
  readonly broadcaster: Pick<Broadcaster, 'receive' | 'receiveState' | 'known' | 'forget'>;
  readonly readSnapshot: ReadSnapshot;
  /** One drop as the API shows it. @throws {DropNotFoundError} */
  readonly getDrop: (id: string) => Promise<DropResponse>;
  readonly logger: Logger;
}

export interface Relay {
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
}

/** ms. Between two looks at the ledger; one costs PostgreSQL a fraction of a millisecond. */
const PAUSE = 250;
/** ms. The longest pause while the database is away. */
const MAX_PAUSE = 1_000;
/** ms. Times are rounded to milliseconds, and a server's clock may be set back a little. */
const MARGIN = 1_000;
/** ms. How long a drop rests before it is forgotten that everybody knows of it; longer than a snapshot's "lately". */
const REST = 120_000;
/** ms. A drop that was just made starts, most of the time, at once: first it is told that there is one. */
const YOUNG = 2_000;
/** ms. The next start or end is looked up at least so often. */
const CLOCK_CHECK = 60_000;

/**
 * Tells the sockets of this process what nobody announced to them: what another process changed, or this one's predecessor
 * that died between its commit and its announcement, or an admin in Prisma Studio or psql; and that a drop has started or
 * ended. It reads the ledger, which has every change of a drop, whoever made it, and hands on how the drop stands now.
 */
export function createRelay({ db, broadcaster, readSnapshot, getDrop, logger }: RelayDependencies): Relay {
  let running: { stopping: AbortController; ended: Promise<void> } | undefined;

  async function lookAt(since: Date | null): Promise<{ look: Look; moved: readonly Moved[] }> {
    const [row] = await db.$queryRaw<[{ time: Date; open: string[]; moved: readonly Moved[] }]>`
      SELECT statement_timestamp() AS time,
        ARRAY(SELECT transactionid::text FROM pg_locks
              WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' AND granted) AS open,
        (SELECT coalesce(jsonb_agg(m), '[]') FROM (
           SELECT drop_id AS "dropId", max(version) AS version, bool_or(version = 1) AS "isNew",
                  max(version) FILTER (WHERE delta_available + delta_reserved + delta_sold <> 0
                                          OR (delta_available = 0 AND delta_reserved = 0 AND delta_sold = 0)) AS "editVersion"
           FROM stock_movements
           WHERE created_at >= ${since}::timestamptz
           GROUP BY drop_id) m) AS moved`;
    return { look: { time: row.time, open: row.open, at: performance.now() }, moved: row.moved };
  }

  const withMargin = (time: Date) => new Date(time.getTime() - MARGIN);

  /** Whether a drop's details changed that nobody had been told of. */
  async function tell(moved: readonly Moved[]): Promise<boolean> {
    const edited = moved.filter(
      ({ dropId, editVersion }) => (editVersion ?? 0) > broadcaster.known(dropId).detailsVersion,
    );
    const made = new Set(edited.filter(({ isNew, dropId }) => isNew && broadcaster.known(dropId).detailsVersion === 0));
    const changed = moved.filter((each) => !made.has(each) && each.version > broadcaster.known(each.dropId).version);
    if (changed.length > 0) {
      const { read } = await readSnapshot(changed.map(({ dropId }) => dropId));
      for (const { picture } of read) broadcaster.receive('inventory_update', picture);
    }
    for (const each of edited) {
      const drop = await find(each.dropId);
      if (drop) broadcaster.receive(made.has(each) ? 'new_drop' : 'drop_update', drop);
    }
    return edited.length > 0;
  }

  async function find(dropId: string): Promise<DropResponse | null> {
    try {
      return await getDrop(dropId);
    } catch (error) {
      if (error instanceof DropNotFoundError) return null;
      throw error;
    }
  }

  /** Tells which drops started or ended after `since`. By the database's clock, as everything about a drop. */
  async function tellTime(since: Date): Promise<{ time: Date; dueIn: number }> {
    const [row] = await db.$queryRaw<[{ time: Date; crossed: string[]; next: number | null }]>`
      SELECT time,
        ARRAY(SELECT id FROM drops
              WHERE (drop_starts_at > ${since} AND drop_starts_at <= time)
                 OR (drop_ends_at > ${since} AND drop_ends_at <= time)) AS crossed,
        (SELECT ceil(extract(epoch FROM min(t) - time) * 1000)::float8
         FROM drops CROSS JOIN LATERAL (VALUES (drop_starts_at), (drop_ends_at)) AS limits (t)
         WHERE t > time) AS next
      FROM date_trunc('milliseconds', clock_timestamp()) AS time`;
    let isBeforeItsNews = false;
    for (const dropId of row.crossed) {
      const drop = await find(dropId);
      if (!drop) continue;
      const age = row.time.getTime() - Date.parse(drop.createdAt);
      if (age < YOUNG && broadcaster.known(dropId).detailsVersion === 0) isBeforeItsNews = true;
      else broadcaster.receiveState(drop);
    }
    if (isBeforeItsNews) return { time: since, dueIn: PAUSE };
    return { time: row.time, dueIn: Math.min(CLOCK_CHECK, row.next ?? CLOCK_CHECK) };
  }

  async function loop(first: Look, signal: AbortSignal): Promise<void> {
    const looks = createLooks(first);
    let clock = { time: first.time, due: 0 };
    let isAway = false;
    while (!signal.aborted) {
      try {
        const { look, moved: latest } = await lookAt(withMargin(looks.usualTime));
        const unseenSince = looks.unseenSince(look);
        // A transaction has ended that had been open for long: once, this look reaches back to its beginning.
        const reachesBack = unseenSince < looks.usualTime;
        const edited = await tell(reachesBack ? (await lookAt(withMargin(unseenSince))).moved : latest);
        looks.add(look);
        if (edited || performance.now() >= clock.due) {
          const { time, dueIn } = await tellTime(clock.time);
          clock = { time, due: performance.now() + dueIn };
        }
        broadcaster.forget(looks.reachesBackTo - REST);
        if (isAway) logger.info('the live updates from the database go on');
        isAway = false;
      } catch (error) {
        if (!isAway)
          logger.warn({ err: error }, 'the database cannot be asked what changed; it is tried again and again');
        isAway = true;
      }
      const pause = isAway ? MAX_PAUSE : Math.min(PAUSE, Math.max(1, clock.due - performance.now()));
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  return {
    async start() {
      if (running) return;
      const { look } = await lookAt(null);
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

/** One look at the ledger. */
export interface Look {
  /** The database's clock, not later than the look. */
  readonly time: Date;
  /** The transactions that had written something and were not over, in the whole server. */
  readonly open: readonly string[];
  /** ms, of `performance.now()`. */
  readonly at: number;
}

type Moment = Pick<Look, 'time' | 'at'>;

/** ms. How long a transaction may have been open when the first look found it. */
const LONGEST = 3_600_000;

/**
 * Remembers when the ledger was looked at and which transactions were open then, and so finds out how far back a look must
 * reach. A movement's time is when it was written, and it can be seen when its transaction commits: usually at once, but
 * somebody may leave a transaction open for an hour. A fixed overlap would be too short for that, and too long for every
 * other look.
 */
export function createLooks(first: Look) {
  let beforeLast: Moment = first;
  let last: Moment = first;
  /** The open transactions, each with the last look that did not see it: it wrote nothing before. */
  let open: ReadonlyMap<string, Moment>;
  /** Of those that the last look saw no more. One that ended while it looked had not committed yet for its reading. */
  let ended: readonly Moment[] = [];

  const beginning: Moment = { time: new Date(first.time.getTime() - LONGEST), at: first.at - LONGEST };
  open = new Map(first.open.map((transaction) => [transaction, beginning]));

  function endedBy(look: Look): Moment[] {
    const still = new Set(look.open);
    return [...open].flatMap(([transaction, moment]) => (still.has(transaction) ? [] : moment));
  }

  return {
    /** From when on to look, unless transactions have ended that were open for long. */
    get usualTime(): Date {
      return beforeLast.time;
    },
    /** `performance.now()` before which everything that can still become visible was not yet written. */
    get reachesBackTo(): number {
      return earliest([beforeLast, ...ended, ...open.values()]).at;
    },
    /** From when on movements were written that can be seen now and could not at the last look. */
    unseenSince(look: Look): Date {
      return earliest([beforeLast, ...ended, ...endedBy(look)]).time;
    },
    /** Everything that this look could see has been dealt with. */
    add(look: Look): void {
      ended = endedBy(look);
      open = new Map(look.open.map((transaction) => [transaction, open.get(transaction) ?? last]));
      beforeLast = last;
      last = look;
    },
  };
}

function earliest(moments: readonly [Moment, ...Moment[]]): Moment {
  return moments.reduce((early, each) => (each.time < early.time ? each : early));
}

export interface Poll {
  /** The database's clock, at or before the read. */
  readonly time: Date;
  /** The ids of all transactions of the server that had written something and were still open. */
  readonly open: readonly string[];
  /** When the poll was made, by `performance.now()`. */
  readonly at: number;
}

type Moment = Pick<Poll, 'time' | 'at'>;

/** The assumed age of a transaction that was open at the first poll. */
const MAX_TRANSACTION_AGE_MS = 3_600_000;

/**
 * Tracks polls and open transactions, and computes how far back the next poll must read. A movement carries the time of its
 * write but becomes visible at the commit: usually at once, but a transaction may stay open for an hour. A fixed overlap would
 * be too short for that transaction and too long for every other poll.
 */
export function createVisibilityHorizon(first: Poll) {
  let beforeLast: Moment = first;
  let last: Moment = first;
  /** Each open transaction, with the last poll that did not observe it: the transaction wrote nothing before that poll. */
  let open: ReadonlyMap<string, Moment>;
  /** The same moments for transactions that ended during the last poll, which may have read before their commit. */
  let ended: readonly Moment[] = [];

  const earliestStart: Moment = {
    time: new Date(first.time.getTime() - MAX_TRANSACTION_AGE_MS),
    at: first.at - MAX_TRANSACTION_AGE_MS,
  };
  open = new Map(first.open.map((transaction) => [transaction, earliestStart]));

  function endedBy(poll: Poll): Moment[] {
    const stillOpen = new Set(poll.open);
    return [...open].flatMap(([transaction, moment]) => (stillOpen.has(transaction) ? [] : moment));
  }

  return {
    /** The time from which the next poll must read, unless a long transaction has ended. */
    get defaultStart(): Date {
      return beforeLast.time;
    },
    /** The time of `performance.now()` after which every movement was written that can still become visible. */
    get at(): number {
      return earliest([beforeLast, ...ended, ...open.values()]).at;
    },
    /** The time after which every movement was written that became visible since the last poll. */
    unseenSince(poll: Poll): Date {
      return earliest([beforeLast, ...ended, ...endedBy(poll)]).time;
    },
    /** Records a poll whose movements have been published. */
    record(poll: Poll): void {
      ended = endedBy(poll);
      open = new Map(poll.open.map((transaction) => [transaction, open.get(transaction) ?? last]));
      beforeLast = last;
      last = poll;
    },
  };
}

function earliest(moments: readonly [Moment, ...Moment[]]): Moment {
  return moments.reduce((early, each) => (each.time < early.time ? each : early));
}

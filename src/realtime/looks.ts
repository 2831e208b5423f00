/** One look at the ledger. */
export interface Look {
  /** The database's clock, not later than the look. */
  readonly time: Date;
  /** What PostgreSQL calls `pg_current_snapshot()`: `xmin:xmax:xip,xip,…`. */
  readonly snapshot: string;
  /** ms, of `performance.now()`. */
  readonly at: number;
}

interface PastLook {
  readonly time: Date;
  readonly at: number;
  /** Transactions from this number on had not begun to write. */
  readonly next: bigint;
  /** Those that were writing. */
  readonly running: readonly bigint[];
}

/** Looks that are remembered, at most: an hour of them, while a transaction stays open. */
const MAX_LOOKS = 20_000;

/**
 * Remembers when the ledger was looked at, and so finds out how far back a look must reach. A movement's time is when it was
 * written, and it can be seen when its transaction commits: usually at once, but somebody may leave a transaction open for an
 * hour. A fixed overlap would be too short for that, and too long for every other look.
 */
export function createLooks(first: Look) {
  let looks: readonly PastLook[] = [parse(first)];
  const last = () => looks.at(-1) as PastLook;
  /** The latest look before the transaction began to write. */
  const before = (transaction: bigint) =>
    Math.max(
      0,
      looks.findLastIndex(({ next }) => next <= transaction),
    );

  return {
    /** The time of the last look. */
    get lastTime(): Date {
      return last().time;
    },
    /** `performance.now()` before which everything that can still become visible was not yet written. */
    get reachesBackTo(): number {
      return (looks[0] ?? last()).at;
    },
    /** From when on movements were written that can be seen now and could not at the last look. */
    unseenSince(look: Look): Date {
      const running = new Set(parse(look).running);
      const finished = last().running.filter((transaction) => !running.has(transaction));
      return (looks[before(lowest([...finished, last().next]))] ?? last()).time;
    },
    /** Everything that this look could see has been dealt with. */
    add(look: Look): void {
      const added = parse(look);
      looks = [...looks, added];
      looks = looks.slice(before(lowest([...added.running, added.next]))).slice(-MAX_LOOKS);
    },
  };
}

function parse({ time, snapshot, at }: Look): PastLook {
  const [, next = '0', running = ''] = snapshot.split(':');
  return { time, at, next: BigInt(next), running: running === '' ? [] : running.split(',').map(BigInt) };
}

function lowest(transactions: readonly bigint[]): bigint {
  return transactions.reduce((low, each) => (each < low ? each : low));
}

/** A limit that allows bursts: it holds up to `capacity` tokens, and regains `perSecond` of them every second. */
export interface TokenBucket {
  /** Takes this many tokens. Returns false, and takes none, if it holds fewer. */
  take(count?: number): boolean;
  /** Takes this many tokens even if it holds fewer. It then regains the missing ones first, its capacity at most. */
  charge(count: number): void;
  /** Whether it was charged more tokens than it held, and has not regained them. */
  isInDebt(): boolean;
  /** Whether it has regained all tokens. */
  isFull(): boolean;
}

/** Creates a full bucket. One of infinite capacity never refuses. */
export function createTokenBucket(capacity: number, perSecond: number): TokenBucket {
  let tokens = capacity;
  let refilledAt = performance.now();

  function refill(): number {
    if (capacity === Infinity) return Infinity;
    const now = performance.now();
    tokens = Math.min(capacity, tokens + ((now - refilledAt) / 1000) * perSecond);
    refilledAt = now;
    return tokens;
  }

  return {
    take(count = 1) {
      if (refill() < count) return false;
      tokens -= count;
      return true;
    },
    charge(count) {
      if (capacity !== Infinity) tokens = Math.max(-capacity, refill() - count);
    },
    isInDebt: () => refill() < 0,
    isFull: () => refill() === capacity,
  };
}

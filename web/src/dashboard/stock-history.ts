/** The stock of a drop from a time on. */
export interface StockPoint {
  readonly version: number;
  /** ms since 1970, by the server's clock. */
  readonly at: number;
  readonly availableStock: number;
  readonly reservedStock: number;
  readonly soldStock: number;
}

/** The known stock of a drop over time. */
export interface StockHistory {
  /** Adds points of the ledger. They replace points of the feed with the same version. */
  readonly load: (ledger: readonly StockPoint[]) => void;
  /** Adds a point of the feed, if it is newer than all others. */
  readonly add: (point: StockPoint) => void;
  /**
   * The chart data between two times in ms: times in seconds, and for each the units sold, sold or on hold, and all. It starts
   * with the stock at the first time, if that is known, and ends at the second one.
   */
  readonly between: (from: number, to: number) => [number[], number[], number[], number[]];
}

/** More than a chart can show. Beyond it, every second point of the older half is dropped. */
const MAX_POINTS = 1_200;

export function createStockHistory(): StockHistory {
  /** In the order of their versions. */
  let points: StockPoint[] = [];

  function keep(all: StockPoint[]): void {
    points = all.length > MAX_POINTS ? all.filter((_, index) => index >= MAX_POINTS / 2 || index % 2 === 0) : all;
  }

  return {
    load(ledger) {
      const all = new Map([...points, ...ledger].map((point) => [point.version, point]));
      keep([...all.values()].sort((a, b) => a.version - b.version));
    },
    add(point) {
      if (point.version > (points.at(-1)?.version ?? 0)) keep([...points, point]);
    },
    between(from, to) {
      const first = Math.max(
        0,
        points.findLastIndex(({ at }) => at <= from),
      );
      const shown = points.slice(first).map((point) => ({ ...point, at: Math.min(to, Math.max(from, point.at)) }));
      const last = shown.at(-1);
      if (last && last.at < to) shown.push({ ...last, at: to });
      return [
        shown.map(({ at }) => at / 1_000),
        shown.map(({ soldStock }) => soldStock),
        shown.map(({ soldStock, reservedStock }) => soldStock + reservedStock),
        shown.map(({ soldStock, reservedStock, availableStock }) => soldStock + reservedStock + availableStock),
      ];
    },
  };
}

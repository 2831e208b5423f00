/** How a drop stood from a moment on. */
export interface StockPoint {
  readonly version: number;
  /** ms since 1970, by the server's clock. */
  readonly at: number;
  readonly availableStock: number;
  readonly reservedStock: number;
  readonly soldStock: number;
}

/** How the stock of a drop went, as far as it is known. */
export interface StockHistory {
  /** Adds what the ledger has: of one version, it knows best. */
  readonly load: (ledger: readonly StockPoint[]) => void;
  /** Adds what was told live, if it is newer than all that is known. */
  readonly add: (point: StockPoint) => void;
  /**
   * What a chart draws between two times in ms: seconds, and for each the units sold; sold or on hold; and all. It begins with
   * how the drop stood at the first time, if that is known, and goes on to the second one.
   */
  readonly between: (from: number, to: number) => [number[], number[], number[], number[]];
}

/** More no chart can show: beyond it, every second one of the older half is forgotten. */
const MOST = 1_200;

export function createStockHistory(): StockHistory {
  /** By their versions, rising. */
  let points: StockPoint[] = [];

  function keep(all: StockPoint[]): void {
    points = all.length > MOST ? all.filter((_, index) => index >= MOST / 2 || index % 2 === 0) : all;
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

import { MultiBar, Presets } from 'cli-progress';
import type { LiveStock } from './live-stock.js';
import type { RunCounters } from './summary.js';

const REFRESH_INTERVAL_MS = 100;
/** Between two lines if the output is no terminal. */
const LINE_INTERVAL_MS = 5_000;

/** Shows the run: units sold, held and free from the live feed, and the counters of the buyers. */
export function showRush(stock: LiveStock, counters: RunCounters, units: number): { close: () => void } {
  const bars = new MultiBar(
    { hideCursor: true, noTTYOutput: true, notTTYSchedule: LINE_INTERVAL_MS, linewrap: false, gracefulExit: false },
    Presets.shades_classic,
  );
  const bar = (name: string) =>
    bars.create(units, 0, {}, { format: `  ${name.padEnd(5)} {bar} {value}/{total}`, barsize: 50 });
  const [sold, held, free] = [bar('sold'), bar('held'), bar('free')];
  const line = bars.create(1, 0, {}, { format: '  {line}' });

  const refresh = () => {
    const { soldStock = 0, reservedStock = 0, availableStock = units } = stock.newest ?? {};
    sold.update(soldStock);
    held.update(reservedStock);
    free.update(availableStock);
    const { latenciesMs, soldOutResponses, expired, waiting } = counters;
    line.update(0, {
      line: `${latenciesMs.length} attempts, ${soldOutResponses} times sold out, ${expired} expired, ${waiting} waiting`,
    });
  };
  refresh();
  const timer = setInterval(refresh, REFRESH_INTERVAL_MS);
  return {
    close() {
      clearInterval(timer);
      refresh();
      bars.stop();
    },
  };
}

import { MultiBar, Presets } from 'cli-progress';
import type { LiveStock } from './live-stock.js';
import type { Tally } from './request-counts.js';

/** ms. */
const REFRESH = 100;
/** ms. Between two lines where the output is no terminal. */
const LINE_EVERY = 5_000;

/** Shows the rush while it runs: units sold, held and free as the sockets tell them, and what the buyers do. */
export function showRush(stock: LiveStock, tally: Tally, units: number): { close: () => void } {
  const bars = new MultiBar(
    { hideCursor: true, noTTYOutput: true, notTTYSchedule: LINE_EVERY, linewrap: false, gracefulExit: false },
    Presets.shades_classic,
  );
  const bar = (name: string) =>
    bars.create(units, 0, {}, { format: `  ${name.padEnd(5)} {bar} {value}/{total}`, barsize: 50 });
  const [sold, held, free] = [bar('sold'), bar('held'), bar('free')];
  const people = bars.create(1, 0, {}, { format: '  {line}' });

  const refresh = () => {
    const { soldStock = 0, reservedStock = 0, availableStock = units } = stock.newest ?? {};
    sold.update(soldStock);
    held.update(reservedStock);
    free.update(availableStock);
    const { latencies, soldOutAnswers, lapses, waiting } = tally;
    people.update(0, {
      line: `${latencies.length} tries, ${soldOutAnswers} times sold out, ${lapses} let it lapse, ${waiting} wait`,
    });
  };
  refresh();
  const timer = setInterval(refresh, REFRESH);
  return {
    close() {
      clearInterval(timer);
      refresh();
      bars.stop();
    },
  };
}

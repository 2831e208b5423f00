import { useServices } from '../services/services.js';
import { count } from '../ui/formats.js';
import { Chart } from './chart.js';
import type { ChartColors } from './colors.js';
import { Figure } from './figures.js';
import { Legend } from './legend.js';
import styles from './rates.module.css';
import { Refusals } from './refusals.js';
import { perSecond, refused, type Stats } from './use-stats.js';

/** Seconds that the charts show. */
const SPAN = 300;

/** What the server has counted every second, for admins. */
export function Rates({ stats }: { readonly stats: readonly Stats[] }) {
  const { live } = useServices();
  const times = stats.map(({ at }) => Date.parse(at) / 1_000);
  const read = (...of: ((each: Stats) => number)[]) => {
    const to = Math.max(live.serverNow() / 1_000 - 1, times.at(-1) ?? 0);
    const values = of.map((value) => stats.map((each) => perSecond(each, value(each))));
    return { data: [times, ...values] as [number[], ...number[][]], from: to - SPAN, to };
  };
  return (
    <section aria-label="Over the last five minutes">
      <div className={styles.charts}>
        <figure className={styles.chart}>
          <figcaption className={styles.caption}>
            <h2>Holds a second</h2>
            <Legend
              entries={[
                ['hot', 'reserved'],
                ['ink', 'bought'],
                ['warn-text', 'expired'],
                ['good', 'let go'],
              ]}
            />
          </figcaption>
          <Chart
            label="Reserved, bought, expired and let go a second, over the last five minutes"
            read={() =>
              read(
                ({ reservations }) => reservations,
                ({ purchases }) => purchases,
                ({ expiries }) => expiries,
                ({ releases }) => releases,
              )
            }
            series={holdLines}
          />
        </figure>
        <figure className={styles.chart}>
          <figcaption className={styles.caption}>
            <h2>Refusals a second</h2>
          </figcaption>
          <Chart
            label="Refusals a second, over the last five minutes"
            read={() => read(refused)}
            series={refusalLines}
          />
          <Refusals stats={stats} />
        </figure>
      </div>
    </section>
  );
}

/** What was counted in the last second, and what became of all holds. */
export function RateFigures({ stats }: { readonly stats: Stats }) {
  return (
    <>
      <Figure
        name="People connected"
        value={count(stats.connections)}
        note={stats.processes > 1 ? `by ${stats.processes} processes` : undefined}
      />
      <Figure name="Reserved a second" value={rate(stats, stats.reservations)} isHot />
      <Figure name="Refused a second" value={rate(stats, refused(stats))} />
      <Figure name="Bought a second" value={rate(stats, stats.purchases)} />
      <Figure name="Expired a second" value={rate(stats, stats.expiries)} />
      <BoughtShare stats={stats} />
    </>
  );
}

function rate(stats: Stats, counted: number): string {
  const value = perSecond(stats, counted);
  return count(value < 10 ? Math.round(value * 10) / 10 : Math.round(value));
}

/** Of the holds that have ended, how many were bought; of all time, by the database. */
function BoughtShare({ stats: { holds } }: { readonly stats: Stats }) {
  const ended = holds ? holds.completed + holds.expired + holds.released : 0;
  if (!holds || ended === 0) return <Figure name="Holds bought" value="–" note="None has ended yet" />;
  const share = Math.round((holds.completed / ended) * 100);
  return (
    <Figure name="Holds bought" value={`${share}%`} note={`${count(holds.completed)} of ${count(ended)} that ended`} />
  );
}

function holdLines(colors: ChartColors) {
  return [
    { stroke: colors.hot, width: 2.5 },
    { stroke: colors.ink, width: 2 },
    { stroke: colors['warn-text'], width: 2, dash: [6, 4] },
    { stroke: colors.good, width: 2, dash: [2, 3] },
  ];
}

function refusalLines(colors: ChartColors) {
  return [{ stroke: colors['ink-soft'], fill: colors.sunk, width: 2 }];
}

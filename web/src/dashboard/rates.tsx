import { useServices } from '../services/services.js';
import { count } from '../ui/formats.js';
import { Chart } from './chart.js';
import type { ChartColors } from './colors.js';
import { Figure } from './figures.js';
import { Legend } from './legend.js';
import styles from './rates.module.css';
import { perSecond, refused, type Stats } from './use-stats.js';

const SPAN_SECONDS = 300;
const REFUSALS_SECONDS = 60;
/** Refusal reasons that are listed. */
const MAX_REASONS = 5;

/** The rates of the server, for admins. */
export function Rates({ stats }: { readonly stats: readonly Stats[] }) {
  const { live } = useServices();
  const times = stats.map(({ at }) => Date.parse(at) / 1_000);
  const read = (...of: ((each: Stats) => number)[]) => {
    const to = Math.max(live.serverNow() / 1_000 - 1, times.at(-1) ?? 0);
    const values = of.map((value) => stats.map((each) => perSecond(each, value(each))));
    return { data: [times, ...values] as [number[], ...number[][]], from: to - SPAN_SECONDS, to };
  };
  return (
    <section aria-label="Over the last five minutes">
      <div className={styles.charts}>
        <figure className={styles.chart}>
          <figcaption className={styles.caption}>
            <h2>Reservations per second</h2>
            <Legend
              entries={[
                ['hot', 'reserved'],
                ['ink', 'bought'],
                ['warn-text', 'expired'],
                ['good', 'cancelled'],
              ]}
            />
          </figcaption>
          <Chart
            label="Reserved, bought, expired and cancelled per second, over the last five minutes"
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
            <h2>Refusals per second</h2>
          </figcaption>
          <Chart
            label="Refusals per second, over the last five minutes"
            read={() => read(refused)}
            series={refusalLines}
          />
          <Refusals stats={stats} />
        </figure>
      </div>
    </section>
  );
}

/** The reasons of the refusals of the last minute. */
function Refusals({ stats }: { readonly stats: readonly Stats[] }) {
  const sums = new Map<string, number>();
  for (const { refusals } of stats.slice(-REFUSALS_SECONDS)) {
    for (const [code, units] of Object.entries(refusals)) sums.set(code, (sums.get(code) ?? 0) + units);
  }
  const reasons = [...sums].sort(([, a], [, b]) => b - a).slice(0, MAX_REASONS);
  if (reasons.length === 0) return <p className={styles.none}>No refusals received in the last minute.</p>;
  return (
    <dl className={styles.reasons} aria-label="Refused in the last minute, by reason">
      {reasons.map(([code, units]) => (
        <div key={code}>
          <dt>
            <a href={`/errors#${code}`}>{inWords(code)}</a>
          </dt>
          <dd>{count(units)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** `limit-reached`: Limit reached */
function inWords(code: string): string {
  return code.charAt(0).toUpperCase() + code.slice(1).replaceAll('-', ' ');
}

/** The rates of the last second, and the share of reservations that were bought. */
export function RateFigures({ stats }: { readonly stats: Stats }) {
  return (
    <>
      <Figure
        name="People connected"
        value={count(stats.connections)}
        note={stats.processes > 1 ? `by ${stats.processes} processes` : undefined}
      />
      <Figure name="Reserved per second" value={rate(stats, stats.reservations)} isHot />
      <Figure name="Refused per second" value={rate(stats, refused(stats))} />
      <Figure name="Bought per second" value={rate(stats, stats.purchases)} />
      <Figure name="Expired per second" value={rate(stats, stats.expiries)} />
      <BoughtShare stats={stats} />
    </>
  );
}

function rate(stats: Stats, counted: number): string {
  const value = perSecond(stats, counted);
  return count(value < 10 ? Math.round(value * 10) / 10 : Math.round(value));
}

/** The share of purchases among all reservations that have ended, from the database. */
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

import { refusalInWords } from '../api/refusal-words.js';
import { useServices } from '../services/services.js';
import { texts } from '../texts/texts.js';
import { count } from '../ui/formats.js';
import { Chart } from './chart.js';
import type { ChartColors } from './colors.js';
import { Legend } from './legend.js';
import styles from './rates.module.css';
import { perSecond, refused, type Stats } from './use-stats.js';

const words = texts.dashboard.system;

const SPAN_SECONDS = 300;
const REFUSALS_SECONDS = 60;
/** Refusal reasons that are listed. */
const MAX_REASONS = 5;

/** The rates of the last five minutes. */
export function Rates({ stats }: { readonly stats: readonly Stats[] }) {
  const { live } = useServices();
  const times = stats.map(({ at }) => Date.parse(at) / 1_000);
  const read = (...of: ((each: Stats) => number)[]) => {
    const to = Math.max(live.serverNow() / 1_000 - 1, times.at(-1) ?? 0);
    const values = of.map((value) => stats.map((each) => perSecond(each, value(each))));
    return { data: [times, ...values] as [number[], ...number[][]], from: to - SPAN_SECONDS, to };
  };
  return (
    <div className={styles.charts}>
      <figure className={styles.chart}>
        <figcaption className={styles.caption}>
          <h3>{words.holdChart.title}</h3>
          <Legend
            entries={[
              ['hot', words.holdChart.reserved],
              ['ink', words.holdChart.bought],
              ['warn-text', words.holdChart.expired],
              ['good', words.holdChart.released],
            ]}
          />
        </figcaption>
        <Chart
          label={words.holdChart.label}
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
          <h3>{words.refusalChart.title}</h3>
        </figcaption>
        <Chart label={words.refusalChart.label} read={() => read(refused)} series={refusalLines} />
        <Refusals stats={stats} />
      </figure>
    </div>
  );
}

/** The reasons of the refusals of the last minute. */
function Refusals({ stats }: { readonly stats: readonly Stats[] }) {
  const sums = new Map<string, number>();
  for (const { refusals } of stats.slice(-REFUSALS_SECONDS)) {
    for (const [code, units] of Object.entries(refusals)) sums.set(code, (sums.get(code) ?? 0) + units);
  }
  const reasons = [...sums].sort(([, a], [, b]) => b - a).slice(0, MAX_REASONS);
  if (reasons.length === 0) return <p className={styles.none}>{words.refusalChart.none}</p>;
  return (
    <dl className={styles.reasons} aria-label={words.refusalChart.reasons}>
      {reasons.map(([code, units]) => (
        <div key={code}>
          <dt>{refusalInWords(code)}</dt>
          <dd>{count(units)}</dd>
        </div>
      ))}
    </dl>
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

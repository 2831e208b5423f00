import { useEffect, useEffectEvent, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { LOCALES } from '../ui/locales.js';
import { colorsOf, useColorScheme, type ChartColors } from './colors.js';
import styles from './chart.module.css';

type Series = Pick<uPlot.Series, 'fill' | 'stroke' | 'width' | 'dash'>;

interface ChartProps {
  /** Describes the chart for screen readers. */
  readonly label: string;
  /** Drawn over each other, the last one on top. */
  readonly series: (colors: ChartColors) => readonly Series[];
  /** Times in seconds and the values of each series; `from` and `to` in seconds. */
  readonly read: () => { readonly data: uPlot.AlignedData; readonly from: number; readonly to: number };
  /** Each value stays until the next one. */
  readonly isStepped?: boolean;
  /** Not on the screen: not redrawn. */
  readonly isHidden?: boolean;
  readonly className?: string | undefined;
}

const REDRAW_PERIOD_MS = 500;
const FONT = '12px "Archivo Variable", sans-serif';

/** Steps between two values on the axis: whole numbers. */
const VALUE_STEPS = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000].flatMap((power) => [
  power,
  2 * power,
  5 * power,
]);
const [MINUTE_S, HOUR_S, DAY_S] = [60, 3_600, 86_400];
/** Seconds between two marks on the time axis. */
const TIME_STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((step) => step * MINUTE_S),
  ...[1, 2, 3, 6, 12].map((step) => step * HOUR_S),
  ...[1, 2, 7, 14, 30, 60, 90, 180, 365].map((step) => step * DAY_S),
];
/** `500K`: short labels leave the width to the chart. */
const COMPACT = new Intl.NumberFormat(LOCALES, { notation: 'compact', maximumFractionDigits: 2 });
const numbersOf = (_plot: uPlot, marks: number[]) => marks.map((mark) => COMPACT.format(mark));

const LABEL_MARGIN_PX = 16;
/** Gives charts beside each other the same left edge in most cases. */
const MIN_LABEL_WIDTH_PX = 28;

/** The width of the value axis, in CSS pixels: that of its widest label. */
function widthOf(plot: uPlot, labels: readonly string[] | null): number {
  plot.ctx.save();
  plot.ctx.font = FONT;
  const widths = (labels ?? []).map((label) => plot.ctx.measureText(label).width);
  plot.ctx.restore();
  return Math.ceil(Math.max(MIN_LABEL_WIDTH_PX, ...widths)) + LABEL_MARGIN_PX;
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const CALENDAR = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });

/**
 * The labels of the time axis: times, or days if the marks are a day apart. A mark beyond the ends gets none: uPlot sets one where
 * the span is shorter than a step.
 */
function timesOf({ scales: { x } }: uPlot, marks: number[]): (string | null)[] {
  const { min = -Infinity, max = Infinity } = x ?? {};
  const isDaily = (marks[1] ?? 0) - (marks[0] ?? 0) >= DAY_S;
  return marks.map((mark) => (mark < min || mark > max ? null : (isDaily ? CALENDAR : CLOCK).format(mark * 1_000)));
}

/** Lines over time up to now, redrawn periodically. */
export function Chart({ label, series, read, isStepped = false, isHidden = false, className }: ChartProps) {
  const frame = useRef<HTMLDivElement>(null);
  const scheme = useColorScheme();
  const readNow = useEffectEvent(read);
  const seriesNow = useEffectEvent(series);

  useEffect(() => {
    const element = frame.current;
    if (!element || isHidden) return;
    const colors = colorsOf(element);
    let shown = readNow();
    const paths = isStepped ? uPlot.paths.stepped?.({ align: 1 }) : undefined;
    const axis: uPlot.Axis = {
      stroke: colors['ink-soft'],
      font: FONT,
      grid: { stroke: colors.line, width: 1 },
      ticks: { show: false },
    };
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height: element.clientHeight,
        legend: { show: false },
        cursor: { show: false },
        padding: [8, 24, 0, 0],
        scales: {
          x: { range: () => [shown.from, shown.to] },
          y: { range: (_plot, _min, max) => [0, Math.max(1, max)] },
        },
        axes: [
          { ...axis, grid: { show: false }, space: 64, size: 26, incrs: TIME_STEPS, values: timesOf },
          { ...axis, space: 28, size: widthOf, incrs: VALUE_STEPS, values: numbersOf },
        ],
        series: [
          {},
          ...seriesNow(colors).map((each) => ({ ...each, points: { show: false }, ...(paths && { paths }) })),
        ],
      },
      shown.data,
      element,
    );
    const resized = new ResizeObserver(() => {
      plot.setSize({ width: element.clientWidth, height: element.clientHeight });
    });
    resized.observe(element);
    const timer = setInterval(() => {
      if (document.hidden) return;
      shown = readNow();
      plot.setData(shown.data);
    }, REDRAW_PERIOD_MS);
    return () => {
      clearInterval(timer);
      resized.disconnect();
      plot.destroy();
    };
  }, [scheme, isStepped, isHidden]);

  return <div ref={frame} role="img" aria-label={label} className={`${styles.chart ?? ''} ${className ?? ''}`} />;
}

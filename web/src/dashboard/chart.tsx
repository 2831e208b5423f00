import { useEffect, useEffectEvent, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { colorsOf, useColorScheme, type ChartColors } from './colors.js';
import styles from './chart.module.css';

type Series = Pick<uPlot.Series, 'fill' | 'stroke' | 'width' | 'dash'>;

interface ChartProps {
  /** What it shows, in words. */
  readonly label: string;
  /** Drawn one over the other, the last on top. */
  readonly series: (colors: ChartColors) => readonly Series[];
  /** Seconds, and the values of each series; and from when to when they are shown, in seconds. */
  readonly read: () => { readonly data: uPlot.AlignedData; readonly from: number; readonly to: number };
  /** Each value holds until the next one. */
  readonly isStepped?: boolean;
  /** Nobody looks at it: it is not drawn anew. */
  readonly isHidden?: boolean;
  readonly className?: string | undefined;
}

/** ms between two drawings. Twice a second is as lively as a line can be read. */
const PERIOD = 500;
const FONT = '12px "Archivo Variable", sans-serif';

/** Units come whole. */
const WHOLE = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000].flatMap((power) => [
  power,
  2 * power,
  5 * power,
]);
const [MINUTE, HOUR, DAY] = [60, 3_600, 86_400];
/** Seconds between two marks of the time. */
const SPACES = [
  ...[1, 2, 5, 10, 15, 30].map((step) => step * MINUTE),
  ...[1, 2, 3, 6, 12].map((step) => step * HOUR),
  ...[1, 2, 7, 14, 30, 60, 90, 180, 365].map((step) => step * DAY),
];
/** `500K`: large numbers leave the width to the lines. */
const COMPACT = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 2 });
const numbersOf = (_plot: uPlot, marks: number[]) => marks.map((mark) => COMPACT.format(mark));

/** CSS px between the labels of the values and the edges beside them. */
const LABEL_MARGIN = 16;

/** CSS px that the labels of the values need, as wide as the widest. */
function widthOf(plot: uPlot, labels: readonly string[] | null): number {
  plot.ctx.save();
  plot.ctx.font = FONT;
  const widths = (labels ?? []).map((label) => plot.ctx.measureText(label).width);
  plot.ctx.restore();
  return Math.ceil(Math.max(MIN_LABEL_WIDTH, ...widths)) + LABEL_MARGIN;
}
/** CSS px: charts beside each other have their edges at the same place, mostly. */
const MIN_LABEL_WIDTH = 28;

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const CALENDAR = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** What stands below the marks: the time, or the day where they are a day apart. */
function timesOf(_plot: uPlot, marks: number[]): string[] {
  const isDaily = (marks[1] ?? 0) - (marks[0] ?? 0) >= DAY;
  return marks.map((mark) => (isDaily ? CALENDAR : CLOCK).format(mark * 1_000));
}

/** Lines over time up to now, drawn anew as time goes on. */
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
          { ...axis, grid: { show: false }, space: 48, size: 26, incrs: SPACES, values: timesOf },
          { ...axis, space: 28, size: widthOf, incrs: WHOLE, values: numbersOf },
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
    }, PERIOD);
    return () => {
      clearInterval(timer);
      resized.disconnect();
      plot.destroy();
    };
  }, [scheme, isStepped, isHidden]);

  return <div ref={frame} role="img" aria-label={label} className={`${styles.chart ?? ''} ${className ?? ''}`} />;
}

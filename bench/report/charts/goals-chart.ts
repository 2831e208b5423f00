import type { Spread } from '../../harness/statistics.js';
import { formatValue, titleOf, type SavedResult } from '../report.js';
import type { CheckedMetric } from '../result.js';
import { bar, card, line, MARGIN, text, whisker, WIDTH } from './svg.js';

interface Row {
  readonly label: string;
  readonly spread: Spread;
  readonly goal: Pick<CheckedMetric['goal'], 'floor' | 'target' | 'better' | 'verdict'>;
}

const ROW_HEIGHT = 40;
const AXIS_HEIGHT = 36;
const FIGURE_WIDTH = 150;
/** Multiples of the floor; figures beyond are drawn at the edge. */
const AXIS = { from: 1 / 8, to: 32 };
const MARKS = [1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16, 32];

/** Every figure with a goal as a multiple of its floor, on a logarithmic axis: to the right of the line, the floor holds. */
export function goalsChart(results: readonly SavedResult[]): string {
  const rows = results.flatMap(rowsOf);
  const height = AXIS_HEIGHT + rows.length * ROW_HEIGHT;
  const axis = MARKS.flatMap((mark) => [
    text(
      { x: position(mark), y: 8, colour: 'muted', anchor: 'middle', size: 11 },
      mark < 1 ? `1/${1 / mark}` : `${mark}`,
    ),
    line(mark === 1 ? 'text' : 'border', [position(mark), 16], [position(mark), height - 12]),
  ]);
  const subtitle =
    'Multiples of the floor, where a goal is a minimum or a maximum; the mark on each line is the target';
  return card('Measured against the goals', subtitle, height, [...axis, ...rows.flatMap(drawRow)]);
}

function rowsOf({ result }: SavedResult): Row[] {
  return [
    ...result.ratios.flatMap(({ over, spread, goal }) =>
      goal ? [{ label: `${result.title}: over ${titleOf(result, over)}`, spread, goal: { ...result, ...goal } }] : [],
    ),
    ...result.checkedMetrics.map(({ metric, spread, goal }) => ({ label: `${result.title}: ${metric}`, spread, goal })),
  ];
}

function drawRow({ label, spread: { median, min, max }, goal }: Row, index: number): string[] {
  const { floor, target, better, verdict } = goal;
  const at = (figure: number) => position(better === 'higher' ? figure / floor : floor / figure);
  const top = AXIS_HEIGHT + index * ROW_HEIGHT - 12;
  const middle = top + 23;
  const sign = better === 'higher' ? '≥' : '≤';
  return [
    text({ x: MARGIN, y: top + 11, size: 12, colour: 'muted' }, shorten(label)),
    whisker(verdict === 'missed' ? 'missed' : 'other', at(min), at(max), middle),
    bar('text', at(target) - 1, middle - 6, 2, 12),
    bar(
      verdict === 'missed' ? 'missed' : verdict === 'unclear' ? 'other' : 'holds',
      at(median) - 5,
      middle - 5,
      10,
      10,
    ),
    text({ x: WIDTH - MARGIN, y: middle + 4, size: 12, anchor: 'end' }, `${formatValue(median)} (${sign} ${floor})`),
  ];
}

function position(multiple: number): number {
  const share = Math.log(Math.min(AXIS.to, Math.max(AXIS.from, multiple)) / AXIS.from) / Math.log(AXIS.to / AXIS.from);
  return 2 * MARGIN + share * (WIDTH - 4 * MARGIN - FIGURE_WIDTH);
}

const MAX_LABEL = 105;

function shorten(label: string): string {
  return label.length <= MAX_LABEL ? label : `${label.slice(0, MAX_LABEL - 1)}…`;
}

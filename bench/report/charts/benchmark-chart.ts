import { formatValue } from '../report.js';
import type { BenchmarkResult } from '../result.js';
import { bar, card, MARGIN, text, whisker, WIDTH } from './svg.js';

const ROW_HEIGHT = 44;
/** Beside the longest bar, for its figure. */
const FIGURE_WIDTH = 190;

/** A bar for each variant of a benchmark, with its median, its lowest and its highest figure. */
export function benchmarkChart({ title, unit, better, subject, variants, ratios, rounds }: BenchmarkResult): string {
  const highest = Math.max(...variants.map(({ spread }) => spread.max));
  const scale = (WIDTH - 2 * MARGIN - FIGURE_WIDTH) / highest;
  const rows = variants.flatMap(({ name, title: label, spread }, index) => {
    const top = index * ROW_HEIGHT;
    const middle = top + 25;
    const end = MARGIN + spread.max * scale;
    const isSubject = name === subject;
    const ratio = ratios.find(({ over }) => over === name);
    const compared = ratio ? ` (${subject.replaceAll('-', ' ')}: ${formatValue(ratio.spread.median)} ×)` : '';
    return [
      text({ x: MARGIN, y: top + 12, bold: isSubject, colour: isSubject ? 'text' : 'muted' }, label),
      bar(isSubject ? 'subject' : 'other', MARGIN, middle - 7, spread.median * scale, 14),
      whisker('text', MARGIN + spread.min * scale, end, middle),
      text({ x: end + 8, y: middle + 4, bold: isSubject }, `${formatValue(spread.median)}${compared}`),
    ];
  });
  const subtitle = `${unit}, ${better} is better; median, lowest and highest of ${rounds.length} rounds`;
  return card(title, subtitle, variants.length * ROW_HEIGHT + MARGIN, rows);
}

/**
 * Colours of the charts. A chart has its own background: an image follows the colour scheme of the browser, which is not always
 * that of the page around it.
 */
export const THEMES = {
  light: {
    background: '#ffffff',
    border: '#d1d9e0',
    text: '#1f2328',
    muted: '#59636e',
    subject: '#0969da',
    other: '#818b98',
    holds: '#1a7f37',
    missed: '#d1242f',
  },
  dark: {
    background: '#0d1117',
    border: '#3d444d',
    text: '#f0f6fc',
    muted: '#9198a1',
    subject: '#4493f8',
    other: '#7d8590',
    holds: '#3fb950',
    missed: '#f85149',
  },
} as const;

export type Colour = keyof (typeof THEMES)['light'];

export const WIDTH = 760;
export const MARGIN = 20;
const TITLE_HEIGHT = 60;

/** Draws a card with a title, a line below it and the content, whose coordinates begin below both. */
export function card(title: string, subtitle: string, height: number, content: readonly string[]): string {
  const total = TITLE_HEIGHT + height;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${total}" viewBox="0 0 ${WIDTH} ${total}" role="img">`,
    `<title>${escape(title)}</title>`,
    `<style>${styles()}</style>`,
    `<rect class="card" x="0.5" y="0.5" width="${WIDTH - 1}" height="${total - 1}" rx="8"/>`,
    text({ x: MARGIN, y: 28, size: 16, bold: true }, title),
    text({ x: MARGIN, y: 47, colour: 'muted' }, subtitle),
    `<g transform="translate(0 ${TITLE_HEIGHT})">`,
    ...content,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

interface TextOptions {
  readonly x: number;
  readonly y: number;
  readonly size?: number;
  readonly bold?: boolean;
  readonly colour?: 'text' | 'muted';
  readonly anchor?: 'start' | 'middle' | 'end';
}

export function text(
  { x, y, size = 13, bold, colour = 'text', anchor = 'start' }: TextOptions,
  content: string,
): string {
  const weight = bold ? ' font-weight="600"' : '';
  const alignment = anchor === 'start' ? '' : ` text-anchor="${anchor}"`;
  return `<text class="${colour}" x="${round(x)}" y="${round(y)}" font-size="${size}"${weight}${alignment}>${escape(content)}</text>`;
}

export function bar(colour: Colour, x: number, y: number, width: number, height: number): string {
  return `<rect class="${colour}" x="${round(x)}" y="${round(y)}" width="${round(Math.max(1, width))}" height="${height}" rx="2"/>`;
}

export function line(colour: Colour, [x1, y1]: readonly [number, number], [x2, y2]: readonly [number, number]): string {
  return `<line class="line-${colour}" x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"/>`;
}

/** A line from the lowest to the highest figure, with ends. */
export function whisker(colour: Colour, from: number, to: number, y: number): string {
  return [line(colour, [from, y], [to, y]), ...[from, to].map((x) => line(colour, [x, y - 4], [x, y + 4]))].join('\n');
}

function styles(): string {
  const rules = (theme: keyof typeof THEMES) =>
    Object.entries(THEMES[theme])
      .map(([name, colour]) => `.${name}{fill:${colour}}.line-${name}{stroke:${colour}}`)
      .join('') +
    `.card{fill:${THEMES[theme].background};stroke:${THEMES[theme].border}}text{stroke:${THEMES[theme].background}}`;
  // The outline of a text hides the lines behind it.
  const font = `text{font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Helvetica,Arial,sans-serif;stroke-width:4px;paint-order:stroke}`;
  return `${font}${rules('light')}@media(prefers-color-scheme:dark){${rules('dark')}}`;
}

function escape(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Two decimals, so that a chart does not depend on the last digits of a figure. */
function round(value: number): string {
  return String(Number(value.toFixed(2)));
}

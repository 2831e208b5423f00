import type { LintCase } from './skeleton.js';

/** The layers of web/src, the lowest first. Each imports those below it; names in one row do not import each other. */
const ROWS = [
  ['storage.ts'],
  ['texts'],
  ['api'],
  ['ui'],
  ['live'],
  ['services'],
  ['page', 'forms', 'ticket'],
  ['auth'],
  ['holds'],
  ['shell', 'drops', 'purchases', 'dashboard', 'account', 'admin', 'help'],
  ['organiser'],
  ['app.tsx'],
  ['main.tsx'],
];
export const PAGE_LAYERS = ROWS.flat();

const isFile = (layer: string) => layer.includes('.');
const inLayer = (layer: string, file: string) => (isFile(layer) ? `web/src/${layer}` : `web/src/${layer}/${file}`);

/** A file that imports one value of each of the layers. */
function importing(from: string, layers: readonly string[]): string {
  const folder = isFile(from) ? './' : '../';
  const imports = layers.map((layer, index) => {
    const path = isFile(layer) ? layer.replace(/\.tsx?$/, '.js') : `${layer}/value.js`;
    return `import { value as value${index} } from '${folder}${path}';`;
  });
  return [...imports, `export const value = [${layers.map((_, index) => `value${index}`).join(', ')}];`].join('\n');
}

const layers: LintCase[] = ROWS.slice(0, -1).flatMap((row, level) =>
  row.map((layer) => {
    const below = ROWS.slice(0, level).flat();
    const others = PAGE_LAYERS.filter((other) => other !== layer && !below.includes(other));
    return {
      rule: 'import-x/no-restricted-paths',
      name: `${layer} of the page imports none of ${others.join(', ')}`,
      file: inLayer(layer, 'layer.ts'),
      bad: importing(layer, others),
      findings: others.length,
      // The lowest layer is the only one that may use the browser's storage.
      good: below.length > 0 ? importing(layer, below) : 'export const value = () => window.localStorage.length;',
    };
  }),
);

/** What the layers import of each other: a file of each folder, and main.tsx. */
export const PAGE_SKELETON = Object.fromEntries(
  PAGE_LAYERS.filter((layer) => layer !== 'storage.ts' && layer !== 'app.tsx').map((layer) => [
    inLayer(layer, 'value.ts'),
    'export const value = 1;',
  ]),
);

export const PAGE_CASES: readonly LintCase[] = [
  ...layers,
  {
    rule: 'import-x/no-restricted-paths',
    name: 'the page imports nothing of the service except the client and the types of events',
    file: 'web/src/api/service.ts',
    bad: "import type { clock } from '../../../src/lib/clock.js';\nexport type Used = typeof clock;",
    good: "import type { Events } from '../../../src/realtime/events.js';\nimport { feed } from '../../../src/client/feed.js';\nexport const used: [Events, number] = [1, feed];",
  },
  {
    rule: '@typescript-eslint/no-restricted-imports',
    name: 'no events as values in the page',
    file: 'web/src/live/events.ts',
    bad: "import { events } from '../../../src/realtime/events.js';\nexport const used = events;",
    good: "import type { Events } from '../../../src/realtime/events.js';\nexport type Used = Events;",
  },
  {
    rule: 'no-restricted-globals',
    name: 'localStorage in the page',
    file: 'web/src/ui/local-storage.ts',
    bad: "export const used = () => localStorage.getItem('theme');",
    good: 'export const used = () => document.title;',
  },
  {
    rule: 'no-restricted-properties',
    name: 'window.localStorage outside storage.ts',
    file: 'web/src/ui/window-storage.ts',
    bad: "export const used = () => window.localStorage.getItem('theme');",
    good: 'export const used = () => window.location.href;',
  },
  {
    rule: 'no-restricted-syntax',
    name: 'a text of the page outside of texts',
    file: 'web/src/ui/words.tsx',
    bad: [
      "export const shown = { title: 'No drops' };",
      'export const Words = ({ units }: { readonly units: number }) => (',
      '  <p aria-label="Units" title={`${units} units`}>',
      "    Left: {units > 0 ? units : 'none'}",
      '  </p>',
      ');',
    ].join('\n'),
    findings: 5,
    good: [
      "import { value } from '../texts/value.js';",
      'export const Words = ({ units }: { readonly units: number }) => (',
      "  <p id=\"units\" className={units > 0 ? 'some' : 'none'} aria-label={String(value)}>",
      '    {value}: {units} {units > 0 && value}',
      '  </p>',
      ');',
    ].join('\n'),
  },
  {
    rule: 'no-restricted-globals',
    name: 'a global of Node in the page',
    file: 'web/src/ui/node-global.ts',
    bad: 'export const used = () => process.pid;',
    good: 'export const used = () => navigator.onLine;',
  },
];

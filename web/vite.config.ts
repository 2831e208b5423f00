import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, loadEnv, type Plugin } from 'vite';
import { loadConfig } from '../src/lib/config/index.js';
import { withDemoAccounts } from '../src/pages/page-head.js';
import { DEMO_ACCOUNTS } from '../src/seed/demo-data.js';
import { sizeBudget } from './size-budget.js';
import { texts } from './src/texts/texts.js';

const root = join(import.meta.dirname, '..');

/** Paths that the service answers; all others belong to the page. */
const SERVED = [
  ...[
    '/api',
    '/images',
    '/docs',
    '/errors',
    '/openapi.json',
    '/socket.io',
    '/favicon.ico',
    '/robots.txt',
    '/share.png',
  ],
];
/** The service during development: its port comes from the environment or .env. */
const { PORT = '5000' } = loadEnv('development', root, 'PORT');
const target = `http://127.0.0.1:${PORT}`;

/** Offers the demo accounts on the sign-in page, as the service does. */
const demoAccounts: Plugin = {
  name: 'demo-accounts',
  apply: 'serve',
  transformIndexHtml: (page) => (loadConfig().seed ? withDemoAccounts(page, DEMO_ACCOUNTS) : page),
};

/** Puts the texts of the page that index.html names in their place. */
const pageTexts: Plugin = {
  name: 'page-texts',
  transformIndexHtml: {
    order: 'pre',
    handler: (page) =>
      page.replaceAll(/%texts\.([\w.]+)%/g, (_, path: string) => {
        const text = path.split('.').reduce<unknown>((node, name) => (node as Record<string, unknown>)[name], texts);
        if (typeof text !== 'string') throw new Error(`index.html names a text that does not exist: ${path}`);
        return text;
      }),
  },
};

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), pageTexts, demoAccounts, sizeBudget({ maxKilobytes: 150 })],
  build: {
    outDir: join(root, 'dist/web'),
    emptyOutDir: true,
    // The first browsers with light-dark() and popovers.
    target: ['chrome123', 'firefox125', 'safari17.5'],
    // The Content-Security-Policy would have to allow data: URLs.
    assetsInlineLimit: 0,
    // One style sheet: if a part failed to load, a retried page would have no styles.
    cssCodeSplit: false,
  },
  server: {
    port: 5173,
    proxy: Object.fromEntries(SERVED.map((path) => [path, { target, ws: path === '/socket.io' }])),
  },
});

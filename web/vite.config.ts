import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, loadEnv } from 'vite';
import { sizeBudget } from './size-budget.js';

const root = join(import.meta.dirname, '..');

/** What the service answers itself; all else is the page. */
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
/** Where the service is while the page is developed: its port, from the environment or .env, as the service reads it. */
const { PORT = '5000' } = loadEnv('development', root, 'PORT');
const target = `http://127.0.0.1:${PORT}`;

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), sizeBudget({ maxKilobytes: 150 })],
  build: {
    outDir: join(root, 'dist/web'),
    emptyOutDir: true,
    // The first browsers with light-dark() and popovers.
    target: ['chrome123', 'firefox125', 'safari17.5'],
    // As a data: URL, a small file would be one more thing for the Content-Security-Policy to allow.
    assetsInlineLimit: 0,
    // One style sheet: a part that fails to load would leave a page without its looks, also after it was tried again.
    cssCodeSplit: false,
  },
  server: {
    port: 5173,
    proxy: Object.fromEntries(SERVED.map((path) => [path, { target, ws: path === '/socket.io' }])),
  },
});

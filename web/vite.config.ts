import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { sizeBudget } from './size-budget.js';

const root = join(import.meta.dirname, '..');

/** What the service answers itself; all else is the page. */
const SERVED = ['/api', '/images', '/docs', '/errors', '/openapi.json'];
/** Where `vite` finds the service while the page is developed. */
const SERVICE = 'http://localhost:5000';

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
  },
  server: {
    port: 5173,
    proxy: {
      ...Object.fromEntries(SERVED.map((path) => [path, SERVICE])),
      '/socket.io': { target: SERVICE, ws: true },
    },
  },
});

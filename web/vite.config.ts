import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { preloadFont } from './preload-font.js';
import { sizeBudget } from './size-budget.js';
import { texts } from './src/texts/texts.js';

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

// The development server is configured by scripts/dev/serve-pages.ts.
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), pageTexts, preloadFont, sizeBudget({ maxKilobytes: 150 })],
  build: {
    outDir: join(import.meta.dirname, '../dist/web'),
    emptyOutDir: true,
    // The first browsers with light-dark() and popovers.
    target: ['chrome123', 'firefox125', 'safari17.5'],
    // The Content-Security-Policy would have to allow data: URLs.
    assetsInlineLimit: 0,
    // One style sheet: if a part failed to load, a retried page would have no styles.
    cssCodeSplit: false,
  },
});

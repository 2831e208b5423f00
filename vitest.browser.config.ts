import { defineConfig } from 'vitest/config';
import { chromiumPath } from './tests/helpers/chromium.js';

// npm run test:browser: the storefront as people use it, in a real browser. `npm test` needs none and runs none of these.
const path = chromiumPath();
if (path === null) {
  if (process.env.CI === 'true') throw new Error('There is no Chromium: it must be installed where CI runs');
  console.warn('\n!!! SKIPPED: every test in the browser. There is no Chromium here; CHROMIUM may name one.\n');
}

export default defineConfig({
  test: {
    include: path === null ? [] : ['tests/browser/**/*.test.ts'],
    passWithNoTests: path === null,
    globalSetup: ['tests/helpers/global-setup.ts'],
    pool: 'forks',
    // One browser at a time: it takes the cores there are.
    maxWorkers: 1,
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 30_000,
  },
});

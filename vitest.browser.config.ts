import { defineConfig } from 'vitest/config';
import { canTest } from './tests/helpers/can-test.js';
import { chromiumPath } from './tests/helpers/chromium.js';

// npm run test:browser: the storefront as people use it, in a real browser. `npm test` needs none and runs none of these.
const hasChromium = canTest('everything in the browser', chromiumPath() !== null, 'CHROMIUM may name a Chromium.');

export default defineConfig({
  test: {
    include: hasChromium ? ['tests/browser/**/*.test.ts'] : [],
    passWithNoTests: !hasChromium,
    globalSetup: ['tests/helpers/global-setup.ts'],
    setupFiles: ['tests/helpers/leaks/fail-on-leaks.ts'],
    pool: 'forks',
    // As many as the cores the tests are measured on.
    maxWorkers: 2,
    isolate: false,
    // These limits only end what hangs: a busy machine may take many times as long as a free one.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    teardownTimeout: 60_000,
  },
});

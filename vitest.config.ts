import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    // They need a browser: npm run test:browser.
    exclude: ['tests/browser/**'],
    globalSetup: ['tests/helpers/global-setup.ts'],
    setupFiles: ['tests/helpers/leaks/fail-on-leaks.ts'],
    // Processes, not threads: a test may send signals, and a leaked handle shows.
    pool: 'forks',
    // Much of a test is waiting for clocks and other processes: one more than the two cores it is measured on.
    maxWorkers: 3,
    // The code keeps no state in its modules, so that files share them: loading Prisma anew cost a second a file.
    isolate: false,
    // These limits only end what hangs: a busy machine may take many times as long as a free one.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    teardownTimeout: 60_000,
  },
});

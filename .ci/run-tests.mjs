// Runs one test suite and then, one file after the other, every file in which a test failed:
//   node .ci/run-tests.mjs FOLDER NPM_SCRIPT [files or folders…]
//
// A busy machine can make a sound test fail, so a test fails the suite only if it fails in both runs. One that passes in
// either run is listed with its first error, because a fault that shows up rarely is a fault as well.
// Adds to these files in FOLDER: counts (a line `PASSED FAILED`), failures and unstable (text for people).
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';

/** When more files than this fail, the machine is not the cause, and the second run would take too long. */
const MAX_FILES_RUN_AGAIN = 10;

/** @typedef {{ name: string; status: string; message: string; assertionResults: TestReport[] }} FileReport of vitest */
/** @typedef {{ fullName: string; status: string; failureMessages: string[] }} TestReport */
/** @typedef {{ name: string; isTest: boolean; passed: boolean; errors: string[] }} Result */

const [folder = '.', script = 'test', ...paths] = process.argv.slice(2);
/** @type {Map<string, Result>} By test, or by file for what fails outside of its tests. */
const results = new Map();

const files = run(paths);
if (files.length > 0 && files.length <= MAX_FILES_RUN_AGAIN) {
  console.log(`\n=== once more, one at a time: ${files.join(' ')}`);
  run(['--maxWorkers=1', ...files]);
}

const all = [...results.values()];
const failures = all.filter(({ errors, passed }) => errors.length > 0 && !passed);
const unstable = all.filter(({ errors, passed }) => errors.length > 0 && passed);
append('counts', [`${all.filter(({ isTest, passed }) => isTest && passed).length} ${failures.length}`]);
append('failures', failures.map(describe));
append('unstable', unstable.map(describe));

/**
 * Runs vitest, records each test's result, and returns the files with a failure.
 *
 * @param {readonly string[]} vitestArgs
 */
function run(vitestArgs) {
  const report = join(folder, 'report.json');
  rmSync(report, { force: true });
  const options = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...vitestArgs];
  console.log(`\n=== npm run ${script} -- ${options.join(' ')}`);
  const { status } = spawnSync('npm', ['run', script, '--', ...options], { stdio: ['ignore', 'inherit', 'inherit'] });

  const failedFiles = readReport(report).flatMap((file) => (recordFile(file) ? [relative('.', file.name)] : []));
  if (status !== 0 && failedFiles.length === 0) {
    record(`npm run ${script}`, { error: `ended with status ${status}, and no test failed: see the output above` });
  }
  return failedFiles;
}

/** @param {string} file */
function readReport(file) {
  if (!existsSync(file)) return [];
  /** @type {unknown} */
  const report = JSON.parse(readFileSync(file, 'utf8'));
  return /** @type {{ testResults: FileReport[] }} */ (report).testResults;
}

/**
 * Returns whether the file, or one of its tests, failed.
 *
 * @param {FileReport} report
 */
function recordFile({ name, status, message, assertionResults: tests }) {
  const file = relative('.', name);
  /** @type {Map<string, number>} */
  const occurrences = new Map();
  for (const test of tests) {
    // Tests of one file may have the same name.
    const occurrence = (occurrences.get(test.fullName) ?? 0) + 1;
    occurrences.set(test.fullName, occurrence);
    const error = test.status === 'failed' ? test.failureMessages.join('\n') : undefined;
    record(`${file}\n  ${test.fullName}${occurrence > 1 ? ` (${occurrence})` : ''}`, {
      error,
      passed: test.status === 'passed',
      isTest: true,
    });
  }
  // A file that could not be loaded, or a hook that failed.
  const failedOutside = status === 'failed' && !tests.some((test) => test.status === 'failed');
  record(file, {
    error: failedOutside ? message || 'failed outside of its tests: see the output above' : undefined,
    passed: status === 'passed',
  });
  return status === 'failed';
}

/**
 * @param {string} name
 * @param {{ error?: string | undefined; passed?: boolean; isTest?: boolean }} outcome
 */
function record(name, { error, passed = false, isTest = false }) {
  /** @type {Result} */
  const result = results.get(name) ?? { name, isTest, passed: false, errors: [] };
  results.set(name, result);
  result.passed ||= passed;
  if (error !== undefined) result.errors.push(error);
}

/** @param {Result} result */
function describe({ name, errors: [first = ''] }) {
  return `${name}\n${first.replace(/^/gm, '    ')}`;
}

/**
 * @param {string} file
 * @param {readonly string[]} lines
 */
function append(file, lines) {
  if (lines.length > 0) appendFileSync(join(folder, file), `${lines.join('\n')}\n`);
}

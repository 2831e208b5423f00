/**
 * Returns whether a program that some tests need is installed. If not, the tests are skipped with a note on stderr; with
 * ALL_TESTS=true, as in .ci/run, no test may be skipped.
 *
 * @throws {Error} if the program is missing and no test may be skipped.
 */
export function canTest(tests: string, isAvailable: boolean, missing: string): boolean {
  if (isAvailable) return true;
  if (process.env.ALL_TESTS === 'true') throw new Error(`ALL_TESTS is set, and ${tests} cannot run: ${missing}`);
  process.stderr.write(`\n!!! SKIPPED: ${tests}. ${missing}\n\n`);
  return false;
}

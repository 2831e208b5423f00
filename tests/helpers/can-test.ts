/**
 * Whether what some tests need is on this machine. If not, they are left out, and it says so; but where ALL_TESTS is `true`,
 * as in .ci/run, nothing may be left out.
 *
 * @throws {Error} it is missing, and nothing may be left out.
 */
export function canTest(tests: string, isThere: boolean, missing: string): boolean {
  if (isThere) return true;
  if (process.env.ALL_TESTS === 'true') throw new Error(`ALL_TESTS is set, and ${tests} cannot run: ${missing}`);
  process.stderr.write(`\n!!! SKIPPED: ${tests}. ${missing}\n\n`);
  return false;
}

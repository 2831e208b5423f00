import type { Report } from '../harness/children.js';

/**
 * Runs the work of a child process: reports what it returns, calls `close` when the parent lets go or is gone, and ends.
 *
 * @param work given the parent's argument; returns the result, and what ends it.
 */
export async function runChild<Argument>(
  work: (argument: Argument) => Promise<{ result: unknown; close(): Promise<void> }>,
): Promise<void> {
  // Ctrl-C reaches every process of the terminal; when to end is the parent's to say.
  process.on('SIGINT', () => undefined);
  const gone = new Promise((resolve) => process.once('disconnect', resolve));
  try {
    const { result, close } = await work(JSON.parse(process.argv[2] ?? 'null') as Argument);
    report({ result });
    await gone;
    await close();
  } catch (error) {
    report({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    await gone;
  }
  process.exit();
}

function report(message: Report): void {
  process.send?.(message);
}

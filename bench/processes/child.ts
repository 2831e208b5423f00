import type { Report } from '../harness/children.js';

/**
 * Runs the work of a child process: reports the result, calls `close` when the parent disconnects or has ended, and exits.
 *
 * @param work gets the parent's argument; returns the result and the function that closes what it opened.
 */
export async function runChild<Argument>(
  work: (argument: Argument) => Promise<{ result: unknown; close?(): Promise<void> }>,
): Promise<void> {
  // Ctrl-C reaches every process of the terminal. The parent decides when this one ends.
  process.on('SIGINT', () => undefined);
  const disconnected = new Promise((resolve) => process.once('disconnect', resolve));
  try {
    const { result, close } = await work(JSON.parse(process.argv[2] ?? 'null') as Argument);
    report({ result });
    await disconnected;
    await close?.();
  } catch (error) {
    report({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    await disconnected;
  }
  process.exit();
}

function report(message: Report): void {
  process.send?.(message);
}

/** Milliseconds since 1970 with fractions: the same clock in every process of this machine. */
export function clock(): number {
  return performance.timeOrigin + performance.now();
}

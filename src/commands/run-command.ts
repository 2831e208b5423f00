import { describeFailure, OperatorError } from '../lib/errors/operator-error.js';
import { createShutdownSignals } from '../lib/shutdown-signals.js';

/** A command cannot do its work; the message says why and what to do. */
export class CommandError extends OperatorError {
  override readonly name = 'CommandError';
}

/** What a shell reports of a command that Ctrl-C ended. */
const INTERRUPTED = 130;
/** Ctrl-C, a supervisor, and the terminal that is closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs an npm command: says on stderr what went wrong, and sets the exit code. The first Ctrl-C, SIGTERM or SIGHUP aborts the
 * signal, so that the command can close what it opened; a second one ends the process at once.
 */
export async function runCommand(command: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const interruption = new AbortController();
  const interrupt = createShutdownSignals(
    () => {
      interruption.abort();
    },
    () => process.exit(INTERRUPTED),
  );
  for (const name of SIGNALS) process.on(name, interrupt);
  try {
    await command(interruption.signal);
  } catch (error) {
    if (interruption.signal.aborted && error === interruption.signal.reason) {
      process.exitCode = INTERRUPTED;
      return;
    }
    console.error(`\n${describeFailure(error)}\n`);
    process.exitCode = 1;
  } finally {
    for (const name of SIGNALS) process.off(name, interrupt);
  }
}

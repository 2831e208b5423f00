import { describeFailure, OperatorError } from '../lib/errors/operator-error.js';

/** A command cannot do its work; the message says why and what to do. */
export class CommandError extends OperatorError {
  override readonly name = 'CommandError';
}

/** What a shell reports of a command that Ctrl-C ended. */
const INTERRUPTED = 130;

/**
 * Runs an npm command: says on stderr what went wrong, and sets the exit code, which the command may also return. The
 * first Ctrl-C or SIGTERM aborts the signal, so that the command can close what it opened; a second one ends the process
 * at once.
 */
export async function runCommand(command: (signal: AbortSignal) => Promise<number | void>): Promise<void> {
  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      interruption.abort();
    });
  }
  try {
    const code = await command(interruption.signal);
    if (typeof code === 'number') process.exitCode = code;
  } catch (error) {
    if (interruption.signal.aborted && error === interruption.signal.reason) {
      process.exitCode = INTERRUPTED;
      return;
    }
    console.error(`\n${describeFailure(error)}\n`);
    process.exitCode = 1;
  }
}

import { describeFailure, OperatorError, refuseArguments } from '../lib/errors/operator-error.js';
import { createShutdownSignals } from '../lib/process/shutdown-signals.js';

/** A command cannot do its work. The message says why and what to do. */
export class CommandError extends OperatorError {}

/** The exit code that a shell reports for a command that Ctrl-C has ended. */
const INTERRUPTED_EXIT_CODE = 130;
/** Sent by Ctrl-C, a supervisor, and a closed terminal. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs an npm command: prints its failure on stderr, and sets the exit code. The first Ctrl-C, SIGTERM or SIGHUP aborts the signal,
 * so that the command can close its resources; a second one ends the process at once.
 *
 * @param options `takesArguments`: the command checks its arguments itself. By default every argument is refused.
 */
export async function runCommand(
  command: (signal: AbortSignal) => Promise<void>,
  { takesArguments = false }: { readonly takesArguments?: boolean } = {},
): Promise<void> {
  const shutdown = new AbortController();
  const onSignal = createShutdownSignals(
    () => {
      shutdown.abort();
    },
    () => process.exit(INTERRUPTED_EXIT_CODE),
  );
  for (const name of SIGNALS) process.on(name, onSignal);
  try {
    if (!takesArguments) refuseArguments(process.argv.slice(2));
    await command(shutdown.signal);
  } catch (error) {
    if (shutdown.signal.aborted && error === shutdown.signal.reason) {
      process.exitCode = INTERRUPTED_EXIT_CODE;
      return;
    }
    console.error(`\n${describeFailure(error)}\n`);
    process.exitCode = 1;
  } finally {
    for (const name of SIGNALS) process.off(name, onSignal);
  }
}

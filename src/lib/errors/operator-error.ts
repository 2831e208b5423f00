/** An error that the operator of the service or of a command can fix; the message says what is wrong and what to do. */
export class OperatorError extends Error {
  override readonly name: string = this.constructor.name;
}

/** Refuses the arguments of a program that has none: one that is ignored looks as if it worked. @throws {OperatorError} */
export function refuseArguments(given: readonly string[]): void {
  if (given.length === 0) return;
  throw new OperatorError(
    `Unknown: ${given.join(' ')}. This command takes no arguments. Settings are environment variables: see README.md.`,
  );
}

/** The text to print for an error that ends the process: an operator error's message, or the stack of a defect. */
export function describeFailure(error: unknown): string {
  if (error instanceof OperatorError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** The message of an error. Node throws an AggregateError without one when each address of a host refuses the connection. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message || error.name : String(error);
}

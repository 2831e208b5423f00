/** What whoever runs the service or a command can mend: the message says what is wrong and what to do. */
export class OperatorError extends Error {
  override readonly name: string = 'OperatorError';
}

/** What to print of a failure that ends the process: the message alone where that says it all, the stack of a defect. */
export function describeFailure(error: unknown): string {
  if (error instanceof OperatorError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** The message of an error. Node throws an AggregateError without one when each address of a host refuses the connection. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message || error.name : String(error);
}

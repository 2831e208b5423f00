/** What whoever runs the service or a command can mend: the message says what is wrong and what to do. */
export class OperatorError extends Error {
  override readonly name: string = 'OperatorError';
}

/** What to print of a failure that ends the process: the message alone where that says it all, the stack of a defect. */
export function describeFailure(error: unknown): string {
  if (error instanceof OperatorError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

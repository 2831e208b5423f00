import type { Problem } from './problems.js';

/**
 * An invalid field of a request, such as `{ path: 'body.email', message: 'is required' }`. Text in parentheses at the end
 * of the message is for developers.
 */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** A {@link FieldError} with the field's name for people; by default derived from the path. */
export interface InvalidField extends FieldError {
  readonly label?: string | undefined;
}

interface ProblemExtras {
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An error that clients see, as a problem (RFC 9457). */
export abstract class AppError extends Error {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  /** For people; contains no internals. */
  readonly detail: string;
  readonly members: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  protected constructor(
    { code, status, title }: Problem,
    detail: string,
    { members = {}, headers = {}, cause }: ProblemExtras = {},
  ) {
    const { stackTraceLimit } = Error;
    // Refusals come by the thousand, and a stack trace would cost more than the rest of the error. Only defects need one.
    if (status !== 500) Error.stackTraceLimit = 0;
    super(detail, { cause });
    Error.stackTraceLimit = stackTraceLimit;
    this.name = new.target.name;
    this.code = code;
    this.status = status;
    this.title = title;
    this.detail = detail;
    this.members = members;
    this.headers = headers;
  }
}

/** Returns the class of a problem whose text is always the same, to extend: its subclass has the name. */
export function fixedProblem(problem: Problem, detail: string) {
  return class extends AppError {
    constructor() {
      super(problem, detail);
    }
  };
}

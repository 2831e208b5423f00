import { PROBLEMS, type ProblemCode } from './problem-codes.js';

/**
 * One thing wrong with a request, such as `{ path: 'body.dropId', message: 'must be a UUID' }`. What stands in parentheses at
 * the end of the message is for developers.
 */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** A {@link FieldError}, and what people call the field; left out: its name in words. */
export interface InvalidField extends FieldError {
  readonly label?: string | undefined;
}

interface ProblemExtras {
  /** Members added to the problem, beside the standard ones. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** A failure with a place in the table of problems: what the error mapper turns into problem+json. */
export abstract class AppError extends Error {
  readonly members: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  protected constructor(
    readonly code: ProblemCode,
    /** For people: says what went wrong and is safe to show to anybody. */
    readonly detail: string,
    { members = {}, headers = {}, cause }: ProblemExtras = {},
  ) {
    const { stackTraceLimit } = Error;
    // A refusal is an answer, given by the thousand: nobody reads its stack, and taking it would cost the most of all.
    if (PROBLEMS[code].status < 500) Error.stackTraceLimit = 0;
    super(detail, { cause });
    Error.stackTraceLimit = stackTraceLimit;
    this.name = new.target.name;
    this.members = members;
    this.headers = headers;
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }
}

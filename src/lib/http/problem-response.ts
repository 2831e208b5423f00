import type { IncomingMessage, ServerResponse } from 'node:http';
import parseUrl from 'parseurl';
import { toClientError } from '../db/database-errors.js';
import {
  AppError,
  InternalError,
  MalformedJsonError,
  PayloadTooLargeError,
  PROBLEMS,
  UnsupportedMediaTypeError,
  ValidationError,
} from '../errors/index.js';
import type { FailureLog } from '../failure-log.js';
import type { Logger } from '../logger.js';
import { send } from './send.js';

const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** Answers a failure of any kind as problem+json (RFC 9457), and logs it if it is the server's. */
export type AnswerProblem = (error: unknown, req: IncomingMessage, res: ServerResponse) => void;

interface AnswerProblemDependencies {
  readonly publicUrl: string;
  readonly logger: Logger;
  readonly failures: FailureLog;
}

/** Makes the one error mapper. */
export function createAnswerProblem({ publicUrl, ...logs }: AnswerProblemDependencies): AnswerProblem {
  return (error, req, res) => {
    if (res.destroyed) return; // The client has gone: there is nobody to answer.
    const problem = toAppError(error);
    const requestId = res.getHeader('X-Request-Id');
    const instance = parseUrl(req)?.pathname ?? '';
    if (problem.status >= 500) log(logs, problem, { requestId, method: req.method, path: instance });
    if (res.headersSent) {
      // Half an answer: only its end tells the client that it is not whole.
      res.destroy();
      return;
    }
    const body = JSON.stringify(problemBody(problem, { publicUrl, instance, requestId }));
    send(req, res, { status: problem.status, headers: problem.headers, body }, PROBLEM_TYPE);
  };
}

/** The members of a problem (RFC 9457), and `message`, which existing clients read. */
export function problemBody(
  problem: AppError,
  { publicUrl, instance, requestId }: { publicUrl: string; instance: string; requestId: unknown },
): object {
  return {
    type: `${publicUrl}/errors#${problem.code}`,
    title: PROBLEMS[problem.code].title,
    status: problem.status,
    detail: problem.detail,
    instance,
    code: problem.code,
    requestId,
    message: problem.detail,
    ...problem.members,
  };
}

/** Gives any failure its place in the table of problems. What has none is a defect: 500. */
export function toAppError(error: unknown): AppError {
  const known = toClientError(error);
  if (known instanceof AppError) return known;
  if (error instanceof Error && 'type' in error) {
    switch (error.type) {
      case 'entity.parse.failed':
        return new MalformedJsonError();
      case 'entity.too.large':
        return new PayloadTooLargeError();
      case 'encoding.unsupported':
      case 'charset.unsupported':
        return new UnsupportedMediaTypeError();
    }
  }
  // What Express and its parsers refuse in a request carries a 4xx status: a path that cannot be decoded, a broken gzip.
  if (error instanceof Error && 'status' in error && typeof error.status === 'number' && error.status < 500) {
    const path = error instanceof URIError ? 'path' : 'body';
    return new ValidationError([{ path, message: `cannot be read (${error.message})` }]);
  }
  return new InternalError(error);
}

function log(
  { logger, failures }: Omit<AnswerProblemDependencies, 'publicUrl'>,
  problem: AppError,
  request: object,
): void {
  const fields = { ...request, code: problem.code };
  if (problem.status === 500) logger.error({ ...fields, err: problem.cause }, 'a request failed: this is a defect');
  else if (!failures.record(problem, 'request', fields)) {
    logger.warn({ ...fields, err: problem.cause }, 'a request could not be served');
  }
}

import type { ErrorRequestHandler, Request } from 'express';
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
import type { Logger } from '../logger.js';

/** The one error mapper: answers every failure as problem+json (RFC 9457) and logs those that are the server's. */
export function problemResponse({ publicUrl, logger }: { publicUrl: string; logger: Logger }): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    if (res.destroyed) return; // The client has gone: there is nobody to answer.
    const problem = toAppError(error);
    log(logger, problem, req);
    if (res.headersSent) {
      next(error);
      return;
    }
    res
      .status(problem.status)
      .set(problem.headers)
      .type('application/problem+json')
      .json(problemBody(problem, { publicUrl, instance: req.path, requestId: req.id }));
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
    return new ValidationError([{ path, message: `cannot be read: ${error.message}` }]);
  }
  return new InternalError(error);
}

function log(logger: Logger, problem: AppError, req: Request): void {
  const fields = { requestId: req.id, method: req.method, path: req.path, code: problem.code, err: problem.cause };
  if (problem.status === 500) logger.error(fields, 'a request failed: this is a defect');
  else if (problem.status > 500) logger.warn(fields, 'a request could not be served');
}

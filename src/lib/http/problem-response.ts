import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import parseUrl from 'parseurl';
import { toClientError } from '../db/database-errors.js';
import { AppError, InternalError, UnavailableError, ValidationError } from '../errors/index.js';
import type { FailureLog } from '../failure-log.js';
import type { Logger } from '../logger.js';
import type { Exchange } from './exchange.js';
import { loggedPath } from './request/logged-path.js';
import { send } from './send.js';

const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** Sends any error as problem+json (RFC 9457), and logs those of the server. */
export type SendProblem = (error: unknown, exchange: Exchange) => void;

interface ProblemDependencies {
  readonly publicUrl: string;
  readonly logger: Logger;
  readonly failures: FailureLog;
}

export function createSendProblem({ publicUrl, ...logs }: ProblemDependencies): SendProblem {
  return (error, exchange) => {
    const { req, res, requestId } = exchange;
    if (res.destroyed) return; // The client has disconnected.
    const problem = toAppError(error);
    const instance = parseUrl(req)?.pathname ?? '';
    if (problem.status >= 500) log(logs, problem, { requestId, method: req.method, path: loggedPath(req) });
    if (res.headersSent) {
      // Closing the connection shows the client that the response is incomplete.
      res.destroy();
      return;
    }
    const body = JSON.stringify(problemBody(problem, { publicUrl, instance, requestId }));
    send(exchange, { status: problem.status, headers: problem.headers, body }, PROBLEM_TYPE);
  };
}

/** The members of a problem (RFC 9457), and `message`, which existing clients read. */
function problemBody(
  problem: AppError,
  { publicUrl, instance, requestId }: { publicUrl: string; instance: string; requestId: string },
): object {
  return {
    type: `${publicUrl}/errors#${problem.code}`,
    title: problem.title,
    status: problem.status,
    detail: problem.detail,
    instance,
    code: problem.code,
    requestId,
    message: problem.detail,
    ...problem.members,
  };
}

/** Maps any error to a problem. An error that is none is a defect: 500. */
export function toAppError(error: unknown): AppError {
  const known = toClientError(error);
  if (known instanceof AppError) return known;
  if (error instanceof Error && 'code' in error && (error.code === 'EMFILE' || error.code === 'ENFILE')) {
    return new UnavailableError(error, 'The service cannot open another file right now; try again in a moment');
  }
  // Express throws errors with a 4xx status: for a path that cannot be decoded.
  if (error instanceof Error && 'status' in error && typeof error.status === 'number' && error.status < 500) {
    return new ValidationError([{ path: 'path', message: `cannot be read (${error.message})` }]);
  }
  return new InternalError(error);
}

/** A whole HTTP response, for a connection whose request was not read. It is the last one of the connection. */
export function rawProblem(problem: AppError, publicUrl: string): string {
  const requestId = randomUUID();
  const body = JSON.stringify(problemBody(problem, { publicUrl, instance: '', requestId }));
  const headers = {
    ...problem.headers,
    Connection: 'close',
    'X-Request-Id': requestId,
    'Content-Type': PROBLEM_TYPE,
    'Content-Length': Buffer.byteLength(body),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}\r\n${lines.join('')}\r\n${body}`;
}

function log({ logger, failures }: Omit<ProblemDependencies, 'publicUrl'>, problem: AppError, request: object): void {
  const fields = { ...request, code: problem.code };
  if (problem.status === 500) logger.error({ ...fields, err: problem.cause }, 'Request failed because of a defect');
  else if (!failures.record(problem, 'request', fields)) {
    logger.warn({ ...fields, err: problem.cause }, 'Request could not be served');
  }
}

import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import parseUrl from 'parseurl';
import { toClientError } from '../db/database-errors.js';
import {
  AppError,
  InternalError,
  MalformedJsonError,
  PayloadTooLargeError,
  UnsupportedMediaTypeError,
  ValidationError,
} from '../errors/index.js';
import type { FailureLog } from '../failure-log.js';
import type { Logger } from '../logger.js';
import { send } from './send.js';

const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** Sends any error as problem+json (RFC 9457), and logs those of the server. */
export type SendProblem = (error: unknown, req: IncomingMessage, res: ServerResponse) => void;

interface ProblemDependencies {
  readonly publicUrl: string;
  readonly logger: Logger;
  readonly failures: FailureLog;
}

export function createSendProblem({ publicUrl, ...logs }: ProblemDependencies): SendProblem {
  return (error, req, res) => {
    if (res.destroyed) return; // The client has disconnected.
    const problem = toAppError(error);
    const requestId = res.getHeader('X-Request-Id');
    const instance = parseUrl(req)?.pathname ?? '';
    if (problem.status >= 500) log(logs, problem, { requestId, method: req.method, path: instance });
    if (res.headersSent) {
      // Closing the connection shows the client that the response is incomplete.
      res.destroy();
      return;
    }
    const body = JSON.stringify(problemBody(problem, { publicUrl, instance, requestId }));
    send(req, res, { status: problem.status, headers: problem.headers, body }, PROBLEM_TYPE);
  };
}

/** The members of a problem (RFC 9457), and `message`, which existing clients read. */
function problemBody(
  problem: AppError,
  { publicUrl, instance, requestId }: { publicUrl: string; instance: string; requestId: unknown },
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
  // Express and its parsers throw errors with a 4xx status: for a path that cannot be decoded, or a broken gzip stream.
  if (error instanceof Error && 'status' in error && typeof error.status === 'number' && error.status < 500) {
    const path = error instanceof URIError ? 'path' : 'body';
    return new ValidationError([{ path, message: `cannot be read (${error.message})` }]);
  }
  return new InternalError(error);
}

/** Sends a problem for what Node's parser refuses and never passes on as a request. */
export function answerUnreadableRequests(server: Server, publicUrl: string): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const requestId = randomUUID();
    const problem = new ValidationError([{ path: 'request', message: 'is not valid HTTP' }]);
    const body = JSON.stringify(problemBody(problem, { publicUrl, instance: '', requestId }));
    socket.end(
      `HTTP/1.1 ${problem.status} Bad Request\r\nConnection: close\r\nX-Request-Id: ${requestId}\r\n` +
        `Content-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  });
}

function log({ logger, failures }: Omit<ProblemDependencies, 'publicUrl'>, problem: AppError, request: object): void {
  const fields = { ...request, code: problem.code };
  if (problem.status === 500) logger.error({ ...fields, err: problem.cause }, 'Request failed because of a defect');
  else if (!failures.record(problem, 'request', fields)) {
    logger.warn({ ...fields, err: problem.cause }, 'Request could not be served');
  }
}

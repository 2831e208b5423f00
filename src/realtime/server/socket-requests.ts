import type { z } from 'zod';
import { toClientError } from '../../lib/db/database-errors.js';
import { AppError, ValidationError } from '../../lib/errors/index.js';
import { parseParts } from '../../lib/validation/parse-parts.js';
import type { FailureLog } from '../../lib/failure-log.js';
import type { Logger } from '../../lib/logger.js';
import type { RealtimeMetrics } from '../realtime.metrics.js';
import {
  SOCKET_REQUEST_ERRORS,
  clientEvents,
  type Acknowledgement,
  type ErrorAcknowledgement,
  type SocketRequestErrorCode,
  type ClientEventName,
} from '../events.js';
import { createMeter } from './rate-limiter.js';
import type { DropSocket } from './socket-types.js';

/**
 * Carries out a client's call. Resolves with what makes its answer: that is called when the answer is sent, in one go, so
 * that no event comes between the two.
 *
 * @throws {SocketRequestError}
 */
type Handler<Name extends ClientEventName> = (
  socket: DropSocket,
  payload: z.output<(typeof clientEvents)[Name]['payload']>,
) => Promise<() => Acknowledgement<Name>>;

export type CallHandlers = { readonly [Name in ClientEventName]: Handler<Name> };

/** A call that is not carried out. */
export class SocketRequestError extends Error {
  override readonly name = 'SocketRequestError';
  constructor(
    readonly code: SocketRequestErrorCode,
    message: string,
  ) {
    super(message);
  }
}

interface CallOptions {
  readonly handlers: CallHandlers;
  readonly metrics: RealtimeMetrics;
  readonly logger: Logger;
  readonly failures: FailureLog;
  /** Calls a second that one socket may make; beyond it they are refused. */
  readonly maxPerSecond: number;
}

/**
 * Answers every call of a socket, one after the other. Whatever a client sends, it is answered, as far as it asked for an
 * acknowledgement, and its socket lives on.
 */
export function answerCalls(
  socket: DropSocket,
  { handlers, metrics, logger, failures, maxPerSecond }: CallOptions,
): void {
  const isTooMany = createMeter(maxPerSecond);
  let calls = 0;
  let waiting = 0;
  let turn = Promise.resolve();

  /** Counts and logs a call; one that failed as HTTP's problems are logged. */
  function note(name: string, requestId: string, outcome: SocketRequestErrorCode | 'ok', err?: unknown): void {
    const call = isCall(name) ? name : 'unknown';
    metrics.socketCalls.inc({ call, outcome });
    if (outcome === 'internal-error') logger.error({ requestId, call, err }, 'a call failed: this is a defect');
    else if (outcome === 'unavailable') {
      const isLogged = failures.record(err, 'socket call', { requestId, call });
      if (!isLogged) logger.warn({ requestId, call, err }, 'a call could not be served');
    } else logger.debug({ requestId, call, outcome }, 'a call was answered');
  }

  function refuse(name: string, requestId: string, error: unknown): ErrorAcknowledgement {
    const refusal = refusalOf(toClientError(error), requestId);
    note(name, requestId, refusal.error.code, error);
    return refusal;
  }

  async function carryOut(name: string, payload: unknown, requestId: string): Promise<() => object> {
    try {
      if (!isCall(name)) throw new SocketRequestError('unknown-event', 'There is no such call');
      // A schema would name each of its methods.
      if (Buffer.isBuffer(payload)) throw new ValidationError([{ path: 'payload', message: 'must be a JSON object' }]);
      const parsed = parseParts({ payload: clientEvents[name].payload }, { payload });
      const answer = await handlers[name](
        socket,
        parsed.payload as z.output<(typeof clientEvents)[typeof name]['payload']>,
      );
      note(name, requestId, 'ok');
      return answer;
    } catch (error) {
      const refusal = refuse(name, requestId, error);
      return () => refusal;
    }
  }

  // Of every event, not by name: what nobody handles is answered, too.
  socket.onAny((event: unknown, ...args: unknown[]) => {
    const name = String(event);
    calls += 1;
    const requestId = `${socket.data.requestId}.${calls}`;
    const last = args.at(-1);
    const acknowledge = typeof last === 'function' ? (last as (answer: object) => void) : () => undefined;
    if (isTooMany() || waiting >= maxPerSecond) {
      acknowledge(
        refuse(name, requestId, new SocketRequestError('rate-limited', `At most ${maxPerSecond} calls a second`)),
      );
      return;
    }
    const payload = args[0] === last && typeof last === 'function' ? undefined : args[0];
    waiting += 1;
    turn = turn.then(async () => {
      const answer = await carryOut(name, payload, requestId);
      waiting -= 1;
      acknowledge(answer());
    });
  });
}

function isCall(name: string): name is ClientEventName {
  return Object.hasOwn(clientEvents, name);
}

function refusalOf(error: unknown, requestId: string): ErrorAcknowledgement {
  if (error instanceof SocketRequestError) return { error: { code: error.code, message: error.message, requestId } };
  if (!(error instanceof AppError)) {
    return { error: { code: 'internal-error', message: 'Something went wrong', requestId } };
  }
  // Of the problems that HTTP knows: an overloaded database is one that cannot be asked now.
  const code = Object.hasOwn(SOCKET_REQUEST_ERRORS, error.code)
    ? (error.code as SocketRequestErrorCode)
    : 'unavailable';
  const { errors } = error.members as Pick<ErrorAcknowledgement['error'], 'errors'>;
  return { error: { code, message: error.detail, requestId, ...(errors && { errors }) } };
}

import type { z } from 'zod';
import { toClientError } from '../../lib/db/database-errors.js';
import { AppError, ValidationError } from '../../lib/errors/index.js';
import { parseParts } from '../../lib/validation/parse-parts.js';
import { createTokenBucket } from '../../lib/token-bucket.js';
import type { FailureLog } from '../../lib/failure-log.js';
import type { Logger } from '../../lib/logger.js';
import type { RealtimeMetrics } from '../realtime.metrics.js';
import {
  SOCKET_REQUEST_ERRORS,
  clientEvents,
  type Acknowledgement,
  type ClientEventName,
  type ErrorAcknowledgement,
  type SocketRequestErrorCode,
} from '../events.js';
import { createRateLimiter } from './limits/rate-limiter.js';
import type { DropSocket } from './socket-types.js';

type Payload<Name extends ClientEventName> = z.output<(typeof clientEvents)[Name]['payload']>;

/**
 * Handles a request. Resolves with a function that creates the acknowledgement. It is called synchronously with the sending, so
 * that no event is sent between the two.
 *
 * @throws {SocketRequestError}
 */
type Handler<Name extends ClientEventName> = (
  socket: DropSocket,
  payload: Payload<Name>,
) => Promise<() => Acknowledgement<Name>>;

export type SocketRequestHandlers = { readonly [Name in ClientEventName]: Handler<Name> };

export class SocketRequestError extends Error {
  override readonly name = 'SocketRequestError';
  constructor(
    readonly code: SocketRequestErrorCode,
    message: string,
  ) {
    super(message);
  }
}

interface SocketRequestOptions {
  readonly handlers: SocketRequestHandlers;
  readonly metrics: RealtimeMetrics;
  readonly logger: Logger;
  readonly failures: FailureLog;
  /** Requests that one socket may send in a second. The others are refused. */
  readonly maxRequestsPerSecond: number;
  /** Counts a request for the address of a socket. Returns false if the address exceeds its limit. */
  readonly acceptsRequest: (socket: DropSocket) => boolean;
}

/** Drops that a socket may name in a second in the long run, for each request that it may send in a second. */
const DROPS_PER_REQUEST = 10;
/** So many seconds' drops a socket may name at once. */
const BURST_SECONDS = 10;
/** Drops that a socket may name at once with any setting. */
const MIN_BURST_DROPS = 1_000;
/** A request for all drops returns this many. */
const NEWEST_DROPS = 100;

/** Handles the requests of a socket in order. Each is acknowledged if the client requested it, also an invalid one. */
export function handleSocketRequests(socket: DropSocket, options: SocketRequestOptions): void {
  const { handlers, metrics, logger, failures, maxRequestsPerSecond, acceptsRequest } = options;
  const exceedsRate = createRateLimiter(maxRequestsPerSecond);
  const dropsPerSecond = DROPS_PER_REQUEST * maxRequestsPerSecond;
  const drops = createTokenBucket(Math.max(MIN_BURST_DROPS, BURST_SECONDS * dropsPerSecond), dropsPerSecond);
  let requests = 0;
  let waiting = 0;
  let previous = Promise.resolve();

  /** Counts and logs a request, with the levels that HTTP requests have. */
  function record(name: string, requestId: string, outcome: SocketRequestErrorCode | 'ok', err?: unknown): void {
    const call = isRequestName(name) ? name : 'unknown';
    metrics.socketRequests.inc({ call, outcome });
    if (outcome === 'internal-error') {
      logger.error({ requestId, call, err }, 'A socket request failed because of a defect');
    } else if (outcome === 'unavailable') {
      const isLogged = failures.record(err, 'socket call', { requestId, call });
      if (!isLogged) logger.warn({ requestId, call, err }, 'A socket request could not be served');
    } else logger.debug({ requestId, call, outcome }, 'A socket request was acknowledged');
  }

  function refuse(name: string, requestId: string, error: unknown): ErrorAcknowledgement {
    const acknowledgement = toErrorAcknowledgement(toClientError(error), requestId);
    record(name, requestId, acknowledgement.error.code, error);
    return acknowledgement;
  }

  async function handle(name: string, payload: unknown, requestId: string): Promise<() => object> {
    try {
      if (!isRequestName(name)) throw new SocketRequestError('unknown-event', 'There is no request of this name');
      // The schema would report each method of a Buffer as an unknown field.
      if (Buffer.isBuffer(payload)) throw new ValidationError([{ path: 'payload', message: 'must be a JSON object' }]);
      const parsed = parseParts({ payload: clientEvents[name].payload }, { payload });
      const createAcknowledgement = await handlers[name](socket, parsed.payload as Payload<typeof name>);
      record(name, requestId, 'ok');
      return createAcknowledgement;
    } catch (error) {
      const acknowledgement = refuse(name, requestId, error);
      return () => acknowledgement;
    }
  }

  /** Why a request exceeds a limit, for people; null if it does not. */
  function rateRefusal(payload: unknown): string | null {
    if (exceedsRate() || waiting >= maxRequestsPerSecond) return `At most ${maxRequestsPerSecond} requests a second`;
    if (!drops.take(dropsIn(payload))) return `At most ${dropsPerSecond} drops a second`;
    return acceptsRequest(socket) ? null : 'Too many requests from your network';
  }

  // A listener for any event, because unknown events are acknowledged as well.
  socket.onAny((event: unknown, ...args: unknown[]) => {
    const name = String(event);
    requests += 1;
    const requestId = `${socket.data.requestId}.${requests}`;
    const last = args.at(-1);
    const hasCallback = typeof last === 'function';
    const acknowledge = hasCallback ? (last as (acknowledgement: object) => void) : () => undefined;
    const payload = hasCallback && args.length === 1 ? undefined : args[0];
    const refusal = rateRefusal(payload);
    if (refusal !== null) {
      acknowledge(refuse(name, requestId, new SocketRequestError('rate-limited', refusal)));
      return;
    }
    waiting += 1;
    previous = previous.then(async () => {
      const createAcknowledgement = await handle(name, payload, requestId);
      waiting -= 1;
      acknowledge(createAcknowledgement());
    });
  });
}

function isRequestName(name: string): name is ClientEventName {
  return Object.hasOwn(clientEvents, name);
}

/** The number of drops that a request concerns. Read before the payload is validated, because that costs as well. */
function dropsIn(payload: unknown): number {
  const { dropIds } = (payload ?? {}) as { dropIds?: unknown };
  return Array.isArray(dropIds) ? dropIds.length : NEWEST_DROPS;
}

function toErrorAcknowledgement(error: unknown, requestId: string): ErrorAcknowledgement {
  if (error instanceof SocketRequestError) return { error: { code: error.code, message: error.message, requestId } };
  if (!(error instanceof AppError)) {
    return { error: { code: 'internal-error', message: 'Something went wrong', requestId } };
  }
  // Other codes of HTTP, such as `overloaded`, mean that the database cannot be read at the moment.
  const code = Object.hasOwn(SOCKET_REQUEST_ERRORS, error.code)
    ? (error.code as SocketRequestErrorCode)
    : 'unavailable';
  const { errors } = error.members as Pick<ErrorAcknowledgement['error'], 'errors'>;
  return { error: { code, message: error.detail, requestId, ...(errors && { errors }) } };
}

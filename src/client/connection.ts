import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import type {
  Acknowledgement,
  ClientEventName,
  ErrorAcknowledgement,
  RequestPayload,
  ServerEventPayloads,
  ServerEvents,
} from '../realtime/events.js';

/** The acknowledgement of any request, successful or refused. */
export type AnyAcknowledgement = Acknowledgement<ClientEventName> | ErrorAcknowledgement;

type Requests = Record<
  ClientEventName,
  (payload: RequestPayload<ClientEventName>, acknowledge: (acknowledgement: AnyAcknowledgement) => void) => void
>;
type DropSocket = Socket<ServerEvents, Requests>;

/** Creates a socket, as socket.io-client's `io` does. */
export type Connect = (url: string, options: Partial<ManagerOptions & SocketOptions>) => Socket;

type Token = string | null | undefined;
/** A token, null or undefined for an anonymous connection, or a function that is called before every connection attempt. */
export type TokenSource = Token | (() => Token | Promise<Token>);

/** Why a feed is not live. */
export interface FeedError {
  /**
   * `unreachable` (no connection), `disconnected` (by the server), `no-answer`, `unauthenticated` (the token was refused, or has
   * ended), `no-token` (the token function threw), or the code of a refused request.
   */
  readonly code: string;
  /** Text for people. */
  readonly message: string;
  /** With `unauthenticated`, if the server ended the connection because the token ended or its account was closed: which of them. */
  readonly reason?: ServerEventPayloads['account_closed']['code'];
  /** The id of a refused request in the server's log. */
  readonly requestId?: string;
}

interface ConnectionOptions {
  readonly token?: TokenSource;
  /** Path of Socket.io on the server. */
  readonly path?: string;
  readonly connect?: Connect;
  /** For the first attempt, by websocket; 10 s by default. */
  readonly attemptTimeoutMs?: number;
  readonly onConnected: () => void;
  /** Called when a connection ended or an attempt failed. Another attempt follows. */
  readonly onDisconnected: (error: FeedError | null) => void;
  /** Called when the token was refused, or has ended. No attempt follows before {@link Connection.setToken}. */
  readonly onRefused: (error: FeedError) => void;
}

/** A socket that reconnects after every failure, until the server refuses its token. */
interface Connection {
  readonly socket: DropSocket;
  /**
   * Sends a request. Calls back with its acknowledgement, or with null after `timeoutMs` without one. Does not call back when
   * the connection ends first.
   */
  request(
    name: ClientEventName,
    dropIds: string[] | undefined,
    timeoutMs: number,
    onResult: (acknowledgement: AnyAcknowledgement | null) => void,
  ): void;
  /** Resets the reconnection delay, and keeps the transport for the next attempt. */
  markHealthy(): void;
  /** Replaces a connection that does not respond. */
  reconnect(): void;
  /** Reconnects with another token. */
  setToken(token: TokenSource): void;
  close(): void;
}

/** The reconnection delay doubles with every failure. It is multiplied by a random factor between 0.5 and 1.5. */
const FIRST_RECONNECT_DELAY_MS = 500;
const MAX_RECONNECT_DELAY_MS = 5_000;
/** The longest duration of the first attempt. Some proxies never respond to a websocket upgrade. */
const ATTEMPT_TIMEOUT_MS = 10_000;
/** By its first transport. Polling needs several requests. */
const TIMEOUT_FACTORS = { websocket: 1, polling: 2 };
/**
 * After each attempt that timed out the next one may take twice as long, up to six times: a server that is slow because many
 * clients connect would otherwise do all of its work in vain.
 */
const MAX_TIMEOUT_GROWTH = 6;
/**
 * The transports of an attempt by its first one. A websocket works without sticky sessions. Polling works where websockets are
 * blocked; Engine.io upgrades it to a websocket when one succeeds.
 */
const TRANSPORTS = { websocket: ['websocket'], polling: ['polling', 'websocket'] };
/**
 * Consecutive websocket failures before an attempt with polling, once a websocket has worked or polling has failed. Polling
 * fails behind a load balancer without sticky sessions, and adds load to a busy server.
 */
const WEBSOCKET_FAILURES_BEFORE_POLLING = 3;

export function createConnection(url: string, options: ConnectionOptions): Connection {
  const { connect = io, attemptTimeoutMs = ATTEMPT_TIMEOUT_MS, onConnected, onDisconnected, onRefused } = options;
  const socket: DropSocket = connect(url, {
    ...(options.path !== undefined && { path: options.path }),
    autoConnect: false,
    forceNew: true,
    // This module reconnects by itself: each attempt needs a fresh token.
    reconnection: false,
    // And it has a time limit of its own.
    timeout: 2 * attemptTimeoutMs * MAX_TIMEOUT_GROWTH,
  });
  let source = options.token;
  let token: string | null = null;
  /** Why the token was refused that was refused last. No attempt is made with it again. */
  let refused: { readonly token: string | null; readonly error: FeedError } | null = null;
  let attempt = 0;
  let failures = 0;
  /** Consecutive attempts that timed out. */
  let timeouts = 0;
  /** The first transport of the next attempt. */
  let transport: keyof typeof TRANSPORTS = 'websocket';
  let websocketFailuresLeft = 1;
  /** Whether a failure of the current attempt counts against its transport. */
  let isTransportSuspect = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function open(): Promise<void> {
    const ownAttempt = (attempt += 1);
    isTransportSuspect = false;
    clearTimeout(timer);
    try {
      const next = (typeof source === 'function' ? await source() : source) ?? null;
      if (ownAttempt !== attempt) return;
      token = next;
    } catch (error) {
      if (ownAttempt === attempt) fail({ code: 'no-token', message: messageOf(error) });
      return;
    }
    if (token !== null && token === refused?.token) {
      stop();
      onRefused(refused.error);
      return;
    }
    // The feed subscribes at once and does not need the snapshots sent on connection.
    socket.auth = { snapshot: false, ...(token !== null && { token }) };
    isTransportSuspect = true;
    socket.io.opts.transports = TRANSPORTS[transport];
    const growth = Math.min(2 ** timeouts, MAX_TIMEOUT_GROWTH);
    timer = setTimeout(
      () => {
        timeouts += 1;
        fail(SERVER_TIMEOUT);
      },
      attemptTimeoutMs * TIMEOUT_FACTORS[transport] * growth,
    );
    socket.connect();
  }

  /** Ends the connection or the attempt without a callback. */
  function stop(): void {
    attempt += 1;
    clearTimeout(timer);
    socket.disconnect();
  }

  function useWebsocket(): void {
    transport = 'websocket';
    websocketFailuresLeft = WEBSOCKET_FAILURES_BEFORE_POLLING;
  }

  function fail(error: FeedError): void {
    stop();
    if (isTransportSuspect && transport === 'polling') useWebsocket();
    else if (isTransportSuspect && (websocketFailuresLeft -= 1) <= 0) transport = 'polling';
    const delayMs = Math.min(FIRST_RECONNECT_DELAY_MS * 2 ** failures, MAX_RECONNECT_DELAY_MS) * (0.5 + Math.random());
    failures += 1;
    timer = setTimeout(() => void open(), delayMs);
    onDisconnected(error);
  }

  /** Ends the attempts with this token. A function gets another one: it may return a fresh token, or null to connect anonymously. */
  function refuse(error: FeedError): void {
    refused = { token, error };
    if (typeof source === 'function') {
      fail(error);
      return;
    }
    stop();
    onRefused(error);
  }

  socket.on('connect', () => {
    clearTimeout(timer);
    onConnected();
  });
  // The server closes the connection next.
  socket.on('account_closed', ({ code: reason, message }) => {
    refuse({ code: UNAUTHENTICATED.code, message, reason });
  });
  socket.on('disconnect', (reason) => {
    if (reason === 'io client disconnect') return;
    if (reason === 'io server disconnect') fail({ code: 'disconnected', message: 'The server ended the connection' });
    else fail({ code: 'unreachable', message: `The connection was lost: ${reason}` });
  });
  socket.on('connect_error', (error: Error & { data?: { code?: unknown; requestId?: unknown } }) => {
    const { code } = error.data ?? {};
    // Data comes from the server, so the transport works.
    isTransportSuspect = error.data === undefined;
    const requestId = typeof error.data?.requestId === 'string' ? { requestId: error.data.requestId } : {};
    if (code === UNAUTHENTICATED.code) {
      refuse({ ...UNAUTHENTICATED, ...requestId });
      return;
    }
    fail({ code: typeof code === 'string' ? code : 'unreachable', message: error.message, ...requestId });
  });
  void open();

  return {
    socket,
    request(name, dropIds, timeoutMs, onResult) {
      socket
        .timeout(timeoutMs)
        .emit(name, dropIds ? { dropIds } : {}, (error: Error | null, acknowledgement: AnyAcknowledgement) => {
          if (!error) onResult(acknowledgement);
          else if (socket.connected) onResult(null);
        });
    },
    markHealthy() {
      failures = 0;
      timeouts = 0;
      isTransportSuspect = false;
      // The connection may have been upgraded since it was opened.
      if (socket.io.engine.transport.name === 'websocket') useWebsocket();
      else transport = 'polling';
    },
    reconnect() {
      fail({ ...SERVER_TIMEOUT, code: 'no-answer' });
    },
    setToken(next) {
      source = next;
      refused = null;
      failures = 0;
      timeouts = 0;
      stop();
      void open();
      onDisconnected(null);
    },
    close: stop,
  };
}

const UNAUTHENTICATED: FeedError = {
  code: 'unauthenticated',
  message: 'Your session is not valid or has expired: sign in again',
};
const SERVER_TIMEOUT: FeedError = { code: 'unreachable', message: 'The server does not answer' };

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

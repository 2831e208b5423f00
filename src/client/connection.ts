import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import type { CallAnswer, CallError, CallPayload, ClientEventName, ServerEvents } from '../realtime/events.js';

/** What a call is acknowledged with, carried out or not. */
export type Answer = CallAnswer<ClientEventName> | CallError;

/** Every call, by whatever name: they all take the same. */
type Calls = Record<
  ClientEventName,
  (payload: CallPayload<ClientEventName>, acknowledge: (answer: Answer) => void) => void
>;
type DropSocket = Socket<ServerEvents, Calls>;

/** Makes a socket, as socket.io-client's `io` does. */
export type Connect = (url: string, options: Partial<ManagerOptions & SocketOptions>) => Socket;

/** A token, none, or what is asked for one before every connection. */
export type TokenSource = string | null | undefined | (() => TokenAnswer | Promise<TokenAnswer>);
type TokenAnswer = string | null | undefined;

/** What keeps a feed from being live. */
export interface FeedError {
  /**
   * `unreachable` (no connection), `disconnected` (by the server), `no-answer`, `unauthenticated` (the token was refused),
   * `no-token` (asking for one failed), or the code of a refused call.
   */
  readonly code: string;
  /** For people. */
  readonly message: string;
  /** Of what the server refused: finds it in the server's log. */
  readonly requestId?: string;
}

interface ConnectionOptions {
  readonly token?: TokenSource;
  /** Path of Socket.io on the server. */
  readonly path?: string;
  readonly connect?: Connect;
  /** Called at every connection. */
  readonly onUp: () => void;
  /** Called when there is none (any more), and it will be tried again. */
  readonly onDown: (error: FeedError | null) => void;
  /** Called when the token was refused, and it will not be tried again before another one is set. */
  readonly onRefused: (error: FeedError) => void;
}

/** A socket that is connected again, whatever ends it, until the server refuses its token. */
export interface Connection {
  readonly socket: DropSocket;
  /** Makes a call. The answer is null if none came within so many ms; of a connection that ended nothing comes back. */
  call(
    name: ClientEventName,
    dropIds: string[] | undefined,
    ms: number,
    answered: (answer: Answer | null) => void,
  ): void;
  /** The connection is good: if it breaks, the next attempt need not wait long. */
  proven(): void;
  /** The connection does not answer: begins a new one. */
  renew(): void;
  /** Connects anew, as somebody else. */
  setToken(token: TokenSource): void;
  close(): void;
}

/** ms. How long to wait before the first attempt to connect again, and at most; half of it more or less, by chance. */
const FIRST_DELAY = 500;
const MAX_DELAY = 5_000;
/** How long one attempt may take, by the transport it begins with: some proxies never answer an upgrade to a websocket. */
const ATTEMPT_TIMEOUT_MS = { websocket: 10_000, polling: 20_000 };
/**
 * What an attempt may use. A websocket at once can be taken by any of several servers; where that fails, polling, from which
 * Engine.io upgrades to a websocket as soon as one passes.
 */
const TRANSPORTS = { websocket: ['websocket'], polling: ['polling', 'websocket'] };
/**
 * Failed websockets in a row after which polling is tried, once a websocket has worked here or polling has not. Polling behind a
 * load balancer without sticky sessions fails, and a busy server is no reason to use it.
 */
const WEBSOCKETS_BEFORE_POLLING = 3;

export function createConnection(url: string, options: ConnectionOptions): Connection {
  const { connect = io, onUp, onDown, onRefused } = options;
  const socket: DropSocket = connect(url, {
    ...(options.path !== undefined && { path: options.path }),
    autoConnect: false,
    forceNew: true,
    // Each attempt asks for the token anew, and whether to try at all is decided here.
    reconnection: false,
  });
  let source = options.token;
  /** Of the attempt under way, and the last one that the server did not take. */
  let token: string | null = null;
  let refused: string | null = null;
  let attempt = 0;
  let failures = 0;
  /** What the next attempt begins with: what was proven last, and after failures the other one. */
  let transport: keyof typeof TRANSPORTS = 'websocket';
  /** Websockets that may still fail before polling is tried. */
  let websocketsLeft = 1;
  /** Whether the transport has failed to reach the server, as far as is known. */
  let isBlocked = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function open(): Promise<void> {
    const mine = (attempt += 1);
    isBlocked = false;
    clearTimeout(timer);
    try {
      const answer = (typeof source === 'function' ? await source() : source) ?? null;
      if (mine !== attempt) return;
      token = answer;
    } catch (error) {
      if (mine === attempt) fail({ code: 'no-token', message: messageOf(error) });
      return;
    }
    if (token !== null && token === refused) {
      stop();
      onRefused(UNAUTHENTICATED);
      return;
    }
    // The feed subscribes at once, and needs no snapshot of everything before.
    socket.auth = { snapshot: false, ...(token !== null && { token }) };
    isBlocked = true;
    socket.io.opts.transports = TRANSPORTS[transport];
    timer = setTimeout(() => {
      fail({ code: 'unreachable', message: 'The server does not answer' });
    }, ATTEMPT_TIMEOUT_MS[transport]);
    socket.connect();
  }

  /** Ends what there is of a connection, without a word. */
  function stop(): void {
    attempt += 1;
    clearTimeout(timer);
    socket.disconnect();
  }

  function useWebsocket(): void {
    transport = 'websocket';
    websocketsLeft = WEBSOCKETS_BEFORE_POLLING;
  }

  function fail(error: FeedError): void {
    stop();
    if (isBlocked && transport === 'polling') useWebsocket();
    else if (isBlocked && (websocketsLeft -= 1) <= 0) transport = 'polling';
    const delay = Math.min(FIRST_DELAY * 2 ** failures, MAX_DELAY) * (0.5 + Math.random());
    failures += 1;
    timer = setTimeout(() => void open(), delay);
    onDown(error);
  }

  socket.on('connect', () => {
    clearTimeout(timer);
    onUp();
  });
  socket.on('disconnect', (reason) => {
    if (reason === 'io client disconnect') return;
    if (reason === 'io server disconnect') fail({ code: 'disconnected', message: 'The server ended the connection' });
    else fail({ code: 'unreachable', message: `The connection was lost: ${reason}` });
  });
  socket.on('connect_error', (error: Error & { data?: { code?: unknown; requestId?: unknown } }) => {
    const { code } = error.data ?? {};
    // The server refuses; the way there is good.
    isBlocked = error.data === undefined;
    const requestId = typeof error.data?.requestId === 'string' ? { requestId: error.data.requestId } : {};
    if (code === UNAUTHENTICATED.code) {
      refused = token;
      // A source is asked once more: perhaps it has a fresh one, or chooses to go on without.
      if (typeof source !== 'function') {
        stop();
        onRefused({ ...UNAUTHENTICATED, ...requestId });
        return;
      }
    }
    fail({ code: typeof code === 'string' ? code : 'unreachable', message: error.message, ...requestId });
  });
  void open();

  return {
    socket,
    call(name, dropIds, ms, answered) {
      socket.timeout(ms).emit(name, dropIds ? { dropIds } : {}, (failure: Error | null, answer: Answer) => {
        if (!failure) answered(answer);
        else if (socket.connected) answered(null);
      });
    },
    proven() {
      failures = 0;
      isBlocked = false;
      // An upgrade may have come since.
      if (socket.io.engine.transport.name === 'websocket') useWebsocket();
      else transport = 'polling';
    },
    renew() {
      fail({ code: 'no-answer', message: 'The server does not answer' });
    },
    setToken(next) {
      source = next;
      refused = null;
      failures = 0;
      stop();
      void open();
      onDown(null);
    },
    close: stop,
  };
}

const UNAUTHENTICATED: FeedError = {
  code: 'unauthenticated',
  message: 'Your session is not valid or has expired: sign in again',
};

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

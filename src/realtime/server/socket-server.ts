import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import { Server, type ServerOptions } from 'socket.io';
import { checkAccessPolicy } from '../../lib/auth/access-policy.js';
import type { RefusedTokens } from '../../lib/auth/refused-tokens.js';
import type { TokenClaims, Tokens } from '../../lib/auth/tokens.js';
import type { ClientAddress } from '../../lib/http/request/client-address.js';
import { requestId } from '../../lib/http/request/request-id.js';
import { toTokenSubject } from '../../lib/auth/authenticate.js';
import { toClientError } from '../../lib/db/database-errors.js';
import { TOKEN_REFUSALS, UnavailableError } from '../../lib/errors/index.js';
import type { FailureLog } from '../../lib/failure-log.js';
import type { Logger } from '../../lib/logger.js';
import type { RealtimeMetrics } from '../realtime.metrics.js';
import { clientEvents } from '../events.js';
import type { AccountWatch } from './accounts/account-watch.js';
import { handleSocketRequests, type SocketRequestHandlers } from './socket-requests.js';
import { createConnectionLimits } from './limits/connection-limits.js';
import { MAX_MESSAGE_BYTES } from './limits/traffic-limit.js';
import { ALL_DROPS, roomOfUser } from '../broadcast/rooms.js';
import type { DropSocket, SocketServer } from './socket-types.js';

interface SocketServerOptions {
  readonly tokens: Tokens;
  readonly refusedTokens: Pick<RefusedTokens, 'refusalOf'>;
  readonly accounts: Pick<AccountWatch, 'check' | 'watch'>;
  readonly origins: readonly string[];
  readonly metrics: RealtimeMetrics;
  readonly logger: Logger;
  readonly failures: FailureLog;
  readonly handlers: SocketRequestHandlers;
  /** Called when a socket has connected and joined its rooms. */
  readonly onConnected: (socket: DropSocket) => void;
  /** Requests that one socket may send in a second. */
  readonly maxRequestsPerSecond: number;
  /** Open connections of one address. */
  readonly maxPerAddress: number;
  /** Requests of one address in a second. */
  readonly maxRequestsPerSecondAndAddress: number;
  readonly clientAddress: ClientAddress;
  /** The adapter of a cluster; undefined for a single process. */
  readonly adapter?: ServerOptions['adapter'];
}

/** The path of Socket.io's requests. */
const PATH = '/socket.io/';
/** The header's name as node writes it. */
const REQUEST_ID = 'x-request-id';
/** For people, by the reason in the metrics. */
const REFUSALS = {
  origin: 'This origin may not connect',
  'address-limit': 'Your network has too many connections open',
  'address-rate': 'Your network opens connections too fast: try again in a few seconds',
};
/** The longest delay of node's timers: 24.8 days. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Opens the default namespace on an HTTP server. A token in `auth.token` is optional. One that is invalid or ended, or whose account
 * is closed, refuses the connection, and a socket is disconnected when that happens later, or when its token expires.
 *
 * @throws {Error} if a socket request does not declare who may send it.
 */
export function createSocketServer(http: HttpServer, options: SocketServerOptions): SocketServer {
  for (const [name, policy] of Object.entries(clientEvents)) checkAccessPolicy(`The socket request ${name}`, policy);
  const { tokens, refusedTokens, accounts, origins, metrics, logger, failures } = options;
  const limits = createConnectionLimits({
    ...options,
    onClosed(reason) {
      metrics.socketsClosed.inc({ reason });
    },
  });

  /** Why a request may not open a connection; null if it may. */
  async function refusalOf(req: IncomingMessage): Promise<keyof typeof REFUSALS | null> {
    return isAllowedOrigin(req, origins) ? limits.refusalOf(req) : 'origin';
  }

  function recordRefusal(reason: string, requestId: unknown): void {
    metrics.socketsRefused.inc({ reason });
    logger.debug({ requestId, reason }, 'A socket was refused');
  }

  const sockets: SocketServer = new Server(http, {
    path: PATH,
    cors: { origin: [...origins], credentials: true, exposedHeaders: ['X-Request-Id'] },
    // Browsers do not apply CORS to websockets: the server checks the origin itself.
    allowRequest: (req, callback) => {
      void refusalOf(req).then((refusal) => {
        if (refusal) recordRefusal(refusal, req.headers[REQUEST_ID]);
        callback(refusal && REFUSALS[refusal], refusal === null);
      });
    },
    maxHttpBufferSize: MAX_MESSAGE_BYTES,
    wsEngine: limits.WebSocketServer,
    serveClient: false,
    ...(options.adapter && { adapter: options.adapter }),
    // Without connectionStateRecovery, which would restore the rooms of a socket without verifying its token. The snapshot of a
    // new subscription replaces the missed packets.
  });

  limits.watch(sockets);

  // Engine.io would keep the first request of each connection, with its headers, as long as the connection lasts. This listener
  // runs after that of the limits, which reads the address from the request.
  const requestIds = new WeakMap<object, string>();
  sockets.engine.on('connection', (connection: { request: IncomingMessage | null }) => {
    requestIds.set(connection, String(connection.request?.headers[REQUEST_ID]));
    connection.request = null;
  });

  // Engine.io's responses bypass the app's middleware, which sets this header. A new id is stored in the request's headers,
  // where the listeners above read it.
  sockets.engine.use((req: IncomingMessage, res: ServerResponse, next: () => void) => {
    const id = requestId(req);
    req.headers[REQUEST_ID] = id;
    res.setHeader('X-Request-Id', id);
    next();
  });

  sockets.use((socket, next) => {
    if (!limits.acceptsSocket(socket)) {
      next(new Error('A connection has one socket'));
      return;
    }
    const id = requestIds.get(socket.conn) ?? '';
    socket.data.requestId = id;
    const { token } = socket.handshake.auth as { token?: unknown };
    if (isEmptyToken(token)) {
      next();
      return;
    }
    const claims = typeof token === 'string' ? tokens.verify(token) : null;
    const refuse = (code: 'unauthenticated' | 'unavailable', message: string) => {
      recordRefusal(code, id);
      next(Object.assign(new Error(message), { data: { code, requestId: id } }));
    };
    if (!claims) {
      refuse('unauthenticated', 'Your session is not valid or has expired: sign in again');
      return;
    }
    const subject = toTokenSubject(claims);
    const knownRefusal = refusedTokens.refusalOf(subject);
    if (knownRefusal) {
      refuse('unauthenticated', TOKEN_REFUSALS[knownRefusal]);
      return;
    }
    socket.data.claims = claims;
    accounts.check(subject).then(
      ({ refusal, role }) => {
        socket.data.role = role;
        if (refusal) refuse('unauthenticated', TOKEN_REFUSALS[refusal]);
        else next();
      },
      (error: unknown) => {
        const isLogged = failures.record(toClientError(error), 'socket call', { requestId: id });
        if (!isLogged) logger.error({ requestId: id, err: error }, 'The account of a socket could not be read');
        refuse('unavailable', new UnavailableError().detail);
      },
    );
  });

  sockets.on('connection', (socket) => {
    const { claims, role = 'user', requestId } = socket.data;
    logger.debug({ requestId, socketId: socket.id, userId: claims?.sub }, 'A socket connected');
    socket.once('disconnect', (reason) => {
      logger.debug({ requestId, reason }, 'A socket disconnected');
    });
    void socket.join(ALL_DROPS);
    handleSocketRequests(socket, { ...options, acceptsRequest: limits.acceptsRequest });
    options.onConnected(socket);
    if (!claims) return;
    void socket.join(roomOfUser(claims.sub));
    accounts.watch(socket, { role });
    // Not in the middleware: a socket that leaves before it is connected emits no `disconnect`, and its timer would remain.
    socket.once(
      'disconnect',
      onExpiry(claims, () => socket.disconnect(true)),
    );
  });
  return sockets;
}

/** Whether a request opens a websocket. Every other upgrade is served as plain HTTP, as RFC 9110 (7.8) allows. */
export function isWebSocketRequest({ url, headers }: IncomingMessage): boolean {
  return url?.startsWith(PATH) === true && headers.upgrade?.toLowerCase() === 'websocket';
}

/** Whether a request has a listed origin, the origin of this server, or none, as outside of browsers. */
function isAllowedOrigin({ headers: { origin, host } }: IncomingMessage, origins: readonly string[]): boolean {
  if (origin === undefined || origins.includes(origin)) return true;
  if (!URL.canParse(origin) || host === undefined) return false;
  const { protocol, host: originHost } = new URL(origin);
  // Parsed with the scheme of the origin, because a proxy may send the default port in the Host header.
  const own = `${protocol}//${host}`;
  return URL.canParse(own) && new URL(own).host === originHost;
}

/** Whether the token is absent or blank. Many clients send an empty string when no user is signed in. */
function isEmptyToken(token: unknown): boolean {
  return token === undefined || token === null || (typeof token === 'string' && token.trim() === '');
}

/** Calls back when the token expires. Returns a function that cancels this. */
function onExpiry({ exp }: TokenClaims, callback: () => void): () => void {
  let timer: NodeJS.Timeout;
  function wait(): void {
    const remainingMs = exp * 1000 - Date.now();
    timer = remainingMs > MAX_TIMEOUT_MS ? setTimeout(wait, MAX_TIMEOUT_MS) : setTimeout(callback, remainingMs);
  }
  wait();
  return () => {
    clearTimeout(timer);
  };
}

import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import { Server, type ServerOptions } from 'socket.io';
import type { TokenClaims, Tokens } from '../../lib/auth/tokens.js';
import type { ClientAddress } from '../../lib/http/client-address.js';
import { requestId } from '../../lib/http/request-id.js';
import type { FailureLog } from '../../lib/failure-log.js';
import type { Logger } from '../../lib/logger.js';
import type { RealtimeMetrics } from '../realtime.metrics.js';
import { answerCalls, type CallHandlers } from './socket-requests.js';
import { createConnectionLimits } from './connection-limits.js';
import { ADMINS, EVERY_DROP, roomOfUser } from '../broadcast/rooms.js';
import type { DropSocket, SocketServer } from './socket-types.js';

interface SocketServerOptions {
  readonly tokens: Tokens;
  /** The same list as for HTTP. */
  readonly origins: readonly string[];
  readonly metrics: RealtimeMetrics;
  readonly logger: Logger;
  readonly failures: FailureLog;
  /** What clients may call. */
  readonly handlers: CallHandlers;
  /** Called when a socket has connected and is in its rooms. */
  readonly onConnected: (socket: DropSocket) => void;
  /** Calls a second that one socket may make. */
  readonly maxCallsPerSecond: number;
  /** Connections that one address may have open. */
  readonly maxPerAddress: number;
  readonly clientAddress: ClientAddress;
  /** What connects this server with those of other processes; left out: nothing does. */
  readonly adapter?: ServerOptions['adapter'];
}

/** As node writes the name of a header. */
const REQUEST_ID = 'x-request-id';
/** Bytes. Far above anything a client has to say. */
const MAX_MESSAGE_SIZE = 16_384;
/** A client that goes on calling so many times faster than it may is cut. */
const FLOOD = 10;
/** ms. The longest time node's timers can wait for: 24.8 days. */
const MAX_TIMEOUT = 2 ** 31 - 1;

/**
 * Opens the default namespace on an HTTP server. Anybody may listen; a token in `auth.token` is optional, and a bad one is
 * refused. A socket that came with a token is cut when the token ends.
 */
export function createSocketServer(http: HttpServer, options: SocketServerOptions): SocketServer {
  const { tokens, origins, metrics, logger, failures, handlers, maxCallsPerSecond: maxPerSecond } = options;
  const limits = createConnectionLimits({ ...options, maxMessagesPerSecond: FLOOD * maxPerSecond });

  /** Why a request may not open a connection: for the metrics, and for people; null: it may. */
  function refusalOf(req: IncomingMessage): { reason: string; message: string } | null {
    if (!isAllowedOrigin(req, origins)) return { reason: 'origin', message: 'This origin may not connect' };
    if (limits.allows(req)) return null;
    return { reason: 'address-limit', message: 'This address has too many connections open' };
  }

  function noteRefusal(reason: string, requestId: unknown): void {
    metrics.socketsRefused.inc({ reason });
    logger.debug({ requestId, reason }, 'a socket was refused');
  }

  const sockets: SocketServer = new Server(http, {
    cors: { origin: [...origins], credentials: true, exposedHeaders: ['X-Request-Id'] },
    // CORS says nothing of websockets: a browser opens one to anywhere, and the server has to look where it comes from.
    allowRequest: (req, callback) => {
      const refusal = refusalOf(req);
      if (refusal) noteRefusal(refusal.reason, req.headers[REQUEST_ID]);
      callback(refusal?.message, refusal === null);
    },
    maxHttpBufferSize: MAX_MESSAGE_SIZE,
    serveClient: false,
    ...(options.adapter && { adapter: options.adapter }),
    // No connectionStateRecovery: it would hand a socket its old rooms without looking at its token, and the snapshot of a
    // new subscription tells more than the packets that were missed.
  });

  limits.watch(sockets);

  // Engine.io would keep the first request of each connection, headers and all, for as long as the connection lasts. After
  // the limits, which have read the address from it.
  const requestIds = new WeakMap<object, string>();
  sockets.engine.on('connection', (connection: { request: IncomingMessage | null }) => {
    requestIds.set(connection, String(connection.request?.headers[REQUEST_ID]));
    connection.request = null;
  });

  // Its answers bypass the app, which gives every other answer its id. A new one joins the headers of the request, for those
  // who look at it later.
  sockets.engine.use((req: IncomingMessage, res: ServerResponse, next: () => void) => {
    const id = requestId(req);
    req.headers[REQUEST_ID] = id;
    res.setHeader('X-Request-Id', id);
    next();
  });

  sockets.use((socket, next) => {
    const id = requestIds.get(socket.conn) ?? '';
    socket.data.requestId = id;
    const { token } = socket.handshake.auth as { token?: unknown };
    if (isNoToken(token)) {
      next();
      return;
    }
    const claims = typeof token === 'string' ? tokens.verify(token) : null;
    if (!claims) {
      noteRefusal('unauthenticated', id);
      const data = { code: 'unauthenticated', requestId: id };
      next(Object.assign(new Error('Your session is not valid or has expired: sign in again'), { data }));
      return;
    }
    socket.data.claims = claims;
    next();
  });

  sockets.on('connection', (socket) => {
    const { claims, requestId } = socket.data;
    logger.debug({ requestId, socketId: socket.id, userId: claims?.sub }, 'a socket connected');
    socket.once('disconnect', (reason) => {
      logger.debug({ requestId, reason }, 'a socket disconnected');
    });
    void socket.join(EVERY_DROP);
    answerCalls(socket, { handlers, metrics, logger, failures, maxPerSecond });
    options.onConnected(socket);
    if (!claims) return;
    void socket.join(roomOfUser(claims.sub));
    if (claims.role === 'admin') void socket.join(ADMINS);
    // Here and not above: a client that goes before it is connected is never disconnected, and its timer would stay.
    socket.once(
      'disconnect',
      cutAtEnd(claims, () => socket.disconnect(true)),
    );
  });
  return sockets;
}

/** Whether a request comes from a listed origin, from a page of this very server, or from no page at all. */
function isAllowedOrigin({ headers: { origin, host } }: IncomingMessage, origins: readonly string[]): boolean {
  if (origin === undefined || origins.includes(origin)) return true;
  if (!URL.canParse(origin) || host === undefined) return false;
  const { protocol, host: originHost } = new URL(origin);
  // Parsed with the origin's scheme: a proxy may pass on a host with the port that the scheme implies.
  const own = `${protocol}//${host}`;
  return URL.canParse(own) && new URL(own).host === originHost;
}

/** Whether a client that is not signed in sent this: many send an empty text then. */
function isNoToken(token: unknown): boolean {
  return token === undefined || token === null || (typeof token === 'string' && token.trim() === '');
}

/** Calls `cut` when the token ends; returns what calls that off. */
function cutAtEnd({ exp }: TokenClaims, cut: () => void): () => void {
  let timer: NodeJS.Timeout;
  function wait(): void {
    const remaining = exp * 1000 - Date.now();
    timer = remaining > MAX_TIMEOUT ? setTimeout(wait, MAX_TIMEOUT) : setTimeout(cut, remaining);
  }
  wait();
  return () => {
    clearTimeout(timer);
  };
}

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type ServerOptions, type WebSocket } from 'ws';
import { createFrameCounter } from './frame-counter.js';

/** Receives the number of frames and bytes of each chunk of a websocket. Returns false to close it and to drop the chunk. */
export type AcceptTraffic = (frames: number, bytes: number) => boolean;

/** Clients do not send fragments; a proxy may cut a message of the allowed size into a few. */
const MAX_FRAGMENTS = 16;
/** How long a websocket that the server closes waits for the client to confirm. */
const CLOSE_TIMEOUT_MS = 5_000;

/**
 * Creates a class of websocket servers, for the option `wsEngine` of Socket.io, that counts every frame and its bytes before
 * anything decodes them: data, fragments, pings and pongs.
 *
 * @param open returns null for a request that may not open a websocket; its connection is closed without a response.
 */
export function createLimitedWebSockets(
  open: (req: IncomingMessage) => AcceptTraffic | null,
): new (options?: ServerOptions) => WebSocketServer {
  return class LimitedWebSocketServer extends WebSocketServer {
    constructor(options?: ServerOptions) {
      // @types/ws lacks closeTimeout.
      const limits = { maxFragments: MAX_FRAGMENTS, closeTimeout: CLOSE_TIMEOUT_MS };
      super({ ...options, ...limits });
    }

    override handleUpgrade(
      req: IncomingMessage,
      socket: Duplex,
      head: Buffer,
      onOpen: (websocket: WebSocket, req: IncomingMessage) => void,
    ): void {
      const accepts = open(req);
      if (!accepts) {
        socket.destroy();
        return;
      }
      super.handleUpgrade(req, socket, head, (websocket: WebSocket) => {
        limitTraffic(socket, websocket, accepts);
        onOpen(websocket, req);
      });
    }
  };
}

/**
 * Counts the traffic of a websocket on its way from the stream to ws. A listener for `data` could not drop a chunk: the listener
 * of ws would receive it as well, even if it were removed meanwhile, and decode the thousands of frames that fit into one.
 */
function limitTraffic(stream: Duplex, websocket: WebSocket, accepts: AcceptTraffic): void {
  const countFrames = createFrameCounter();
  const emit = stream.emit.bind(stream) as (event: string | symbol, ...args: unknown[]) => boolean;
  stream.emit = (event: string | symbol, ...args: unknown[]) => {
    if (event === 'data') {
      const chunk = args[0] as Buffer;
      if (!accepts(countFrames(chunk), chunk.length)) {
        websocket.terminate();
        return true;
      }
    }
    return emit(event, ...args);
  };
}

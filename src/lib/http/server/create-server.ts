import { createServer, IncomingMessage, type RequestListener, type Server } from 'node:http';
import { announcesTooMuch } from '../request/body-size.js';

/** How long a client may take, and how many may wait. */
export interface HttpLimits {
  /** A request, with its body, has to arrive within this time. It also limits connections that send nothing. */
  readonly requestTimeoutMs: number;
  /** How often that is checked. */
  readonly checkIntervalMs: number;
  /** A response of which the client accepts nothing for this time is given up. */
  readonly stallTimeoutMs: number;
  /** For how long a connection may wait for its next request. */
  readonly keepAliveMs: number;
  /** As of `drain` in connections.ts. */
  readonly drainTimeoutMs: number;
  readonly closeTimeoutMs: number;
}

export const HTTP_LIMITS: HttpLimits = {
  requestTimeoutMs: 10_000,
  checkIntervalMs: 1_000,
  stallTimeoutMs: 30_000,
  /**
   * Longer than the minute for which most load balancers keep an idle connection: if the server closed it first, a request
   * that is on its way would be lost.
   */
  keepAliveMs: 65_000,
  drainTimeoutMs: 10_000,
  closeTimeoutMs: 1_000,
};

interface HttpServerOptions {
  readonly limits: HttpLimits;
  /** Which requests may change to the protocol that they offer, by an `upgrade` listener. All others are served as HTTP. */
  readonly acceptsUpgrade: (req: IncomingMessage) => boolean;
}

/** Makes an HTTP server that closes connections of clients that send or read too slowly. It does not listen yet. */
export function createHttpServer(listener: RequestListener, { limits, acceptsUpgrade }: HttpServerOptions): Server {
  const server = createServer(
    {
      headersTimeout: limits.requestTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: limits.checkIntervalMs,
      keepAliveTimeout: limits.keepAliveMs,
      IncomingMessage: decliningUpgrades(acceptsUpgrade),
    },
    listener,
  );
  server.timeout = limits.stallTimeoutMs;
  // Without this listener Node asks for every announced body.
  server.on('checkContinue', (req, res) => {
    if (!announcesTooMuch(req)) res.writeContinue();
    server.emit('request', req, res);
  });
  return server;
}

/**
 * Returns the class of requests whose `upgrade` is false unless the upgrade is accepted; a tunnel always is one. Node's parser
 * sets that property, and reads it to decide between the events `request` and `upgrade`. See docs/adr/0028.
 */
function decliningUpgrades(accepts: (req: IncomingMessage) => boolean): typeof IncomingMessage {
  return class extends IncomingMessage {
    declare private offersUpgrade: boolean;

    get upgrade(): boolean {
      return this.offersUpgrade && (this.method === 'CONNECT' || accepts(this));
    }

    set upgrade(offered: boolean | null) {
      this.offersUpgrade = offered === true;
    }
  };
}

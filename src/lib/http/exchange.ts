import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request and its response. */
export interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly requestId: string;
  /**
   * Headers of the response, whatever it will be. They are written at once with those of the response itself: setting each on
   * `res` costs more than all other work on headers. See docs/adr/0043.
   */
  readonly headers: Record<string, string>;
}

/** The exchange of a request for which the common middleware has set the headers on the response. */
export function exchangeOf(req: IncomingMessage, res: ServerResponse): Exchange {
  return { req, res, requestId: String(res.getHeader('X-Request-Id')), headers: {} };
}

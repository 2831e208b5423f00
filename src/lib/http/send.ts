import type { IncomingMessage, ServerResponse } from 'node:http';
import fresh from 'fresh';

/** An answer, ready to be sent. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string | Buffer;
  /** Of the body; whoever has it already is answered 304. */
  readonly etag?: string;
}

/** Sends an answer; without its body if the client has it already, or asked for the headers alone. */
export function send(
  req: IncomingMessage,
  res: ServerResponse,
  { status, headers, body, etag }: Answer,
  contentType = 'application/json; charset=utf-8',
): void {
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  if (etag !== undefined) {
    res.setHeader('ETag', etag);
    if (fresh(req.headers, { etag })) {
      res.statusCode = 304;
      res.end();
      return;
    }
  }
  res.statusCode = status;
  res.setHeader('Content-Type', contentType);
  res.setHeader('Content-Length', Buffer.byteLength(body));
  res.end(body);
}

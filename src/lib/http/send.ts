import { hash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import fresh from 'fresh';
import { hasLargeRemainder } from './request/body-size.js';

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string | Buffer;
  /** The ETag of the body: a request with the same one is answered 304. */
  readonly etag?: string;
}

/** Sends a response; for a body that the client has already, 304 without the body. */
export function send(
  req: IncomingMessage,
  res: ServerResponse,
  { status, headers, body, etag }: HttpResponse,
  contentType = 'application/json; charset=utf-8',
): void {
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  // Instead of reading it.
  if (hasLargeRemainder(req)) res.setHeader('Connection', 'close');
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

/** A strong ETag: equal only for equal bytes. */
export function etagOf(body: Buffer): string {
  return `"${hash('sha1', body, 'base64')}"`;
}

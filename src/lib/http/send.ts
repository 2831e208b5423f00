import { hash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import fresh from 'fresh';
import type { Exchange } from './exchange.js';
import { hasLargeRemainder } from './request/body-size.js';

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string | Buffer;
  /** The ETag of the body: a request with the same one is answered 304. */
  readonly etag?: string;
}

/** A response that is sent while it is read. It has no ETag. */
export interface StreamedResponse extends Pick<HttpResponse, 'status' | 'headers'> {
  /** Parts of one text: JSON, unless the headers have another type. */
  readonly chunks: AsyncIterable<string>;
}

const JSON_TYPE = 'application/json; charset=utf-8';

/** Sends a response; for a body that the client has already, 304 without the body. */
export function send(exchange: Exchange, { status, headers, body, etag }: HttpResponse, contentType = JSON_TYPE): void {
  const { req, res } = exchange;
  const all = allHeaders(exchange, headers);
  if (etag !== undefined) {
    all.ETag = etag;
    if (fresh(req.headers, { etag })) {
      res.writeHead(304, all).end();
      return;
    }
  }
  all['Content-Type'] = contentType;
  all['Content-Length'] = String(Buffer.byteLength(body));
  res.writeHead(status, all).end(body);
}

/**
 * Sends a response whose chunks are read as the client takes them: the next one is read when there is space for it. Reading ends
 * with the last chunk, or once the client has disconnected.
 *
 * @throws what reading throws; the response is incomplete then.
 */
export async function sendStream(exchange: Exchange, { status, headers, chunks }: StreamedResponse): Promise<void> {
  const { req, res } = exchange;
  res.setHeader('Content-Type', JSON_TYPE);
  // Not written yet: until the first chunk is read, the response may become a problem.
  for (const [name, value] of Object.entries(allHeaders(exchange, headers))) res.setHeader(name, value);
  res.statusCode = status;
  if (req.method !== 'HEAD') {
    for await (const chunk of chunks) {
      if (res.destroyed) return;
      if (!res.write(chunk)) await spaceIn(res);
    }
  }
  res.end();
}

/** Resolves when the response can be written to again, or is closed. */
function spaceIn(res: ServerResponse): Promise<void> {
  if (res.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    function onSpace() {
      res.off('drain', onSpace);
      res.off('close', onSpace);
      resolve();
    }
    res.on('drain', onSpace);
    res.on('close', onSpace);
  });
}

function allHeaders({ req, headers }: Exchange, own: HttpResponse['headers']): Record<string, string> {
  const all = { ...headers, ...own };
  // Instead of reading it.
  if (hasLargeRemainder(req)) all.Connection = 'close';
  return all;
}

/** A strong ETag: equal only for equal bytes. */
export function etagOf(body: Buffer): string {
  return `"${hash('sha1', body, 'base64')}"`;
}

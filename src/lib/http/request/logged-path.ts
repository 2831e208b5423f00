import type { IncomingMessage } from 'node:http';
import parseUrl from 'parseurl';

/** A word, an id or the name of a file. The longest is a UUID, which is shorter than any part of a token that is secret. */
const PLAIN_SEGMENT = /^[\w-]{0,36}(?:\.\w{1,5})?$/;

/**
 * The path of a request for the log, without the query. A client may send anything in a path, and may encode it in many ways,
 * so that only segments that look like those of this API and its pages are shown.
 */
export function loggedPath(req: IncomingMessage): string {
  const path = parseUrl(req)?.pathname ?? '';
  return path
    .split('/')
    .map((segment) => (PLAIN_SEGMENT.test(segment) ? segment : '[Redacted]'))
    .join('/');
}

import type { IncomingMessage } from 'node:http';

/** Of every body, also after decompression. */
export const MAX_BODY_BYTES = 16_384;

/** Whether the announced length is over the limit. */
export function announcesTooMuch({ headers }: IncomingMessage): boolean {
  return Number(headers['content-length']) > MAX_BODY_BYTES;
}

/** Whether more of the body may follow than is worth reading once the response is known. */
export function hasLargeRemainder(req: IncomingMessage): boolean {
  return !req.complete && (req.headers['transfer-encoding'] !== undefined || announcesTooMuch(req));
}

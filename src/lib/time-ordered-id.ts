import { randomUUID } from 'node:crypto';

/**
 * A UUID of version 7 (RFC 9562, 5.7), so that new rows go to one end of an index: the Unix time in milliseconds and 74 random
 * bits. The random bits come from randomUUID(), which draws them in bulk; randomBytes() makes a system call for each id.
 */
export function timeOrderedId(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

import { z } from 'zod';

/** The request header that makes a POST safe to repeat. */
export const IdempotencyHeaders = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters')
    .optional()
    .meta({
      description:
        'Chosen by the client, a new one for each action: 1 to 255 visible ASCII characters. Repeating a successful ' +
        'request with the same key returns its result with `Idempotency-Replayed: true` and changes nothing.',
      example: '7b1c9e0a-5a51-4b0e-8f0b-2d1f0a3c9d11',
    }),
});
export type IdempotencyHeaders = z.infer<typeof IdempotencyHeaders>;

export function replayHeaders(replayed: boolean): Readonly<Record<string, string>> {
  return replayed ? { 'Idempotency-Replayed': 'true' } : {};
}

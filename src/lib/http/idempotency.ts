import { z } from 'zod';

/** The header that makes a POST safe to repeat. */
export const IdempotencyHeaders = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters')
    .optional()
    .meta({
      description:
        'Chosen by the client, one for each thing it wants done: 1 to 255 visible ASCII characters. Repeated with ' +
        'the same key, a request that succeeded is answered again, with `Idempotency-Replayed: true`, and nothing ' +
        'is done twice.',
      example: '7b1c9e0a-5a51-4b0e-8f0b-2d1f0a3c9d11',
    }),
});
export type IdempotencyHeaders = z.infer<typeof IdempotencyHeaders>;

/** The header that tells an answer given again from one given for the first time. */
export function replayHeaders(replayed: boolean): Readonly<Record<string, string>> {
  return replayed ? { 'Idempotency-Replayed': 'true' } : {};
}

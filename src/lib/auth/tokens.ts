import { createSecretKey, randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import { uuid } from '../validation/schema-primitives.js';

export const USER_ROLES = ['user', 'admin'] as const;
export type UserRole = (typeof USER_ROLES)[number];

const Claims = z.object({
  sub: uuid,
  role: z.enum(USER_ROLES),
  iat: z.number(),
  exp: z.number(),
  ver: z.int32().min(0).default(0),
  jti: uuid.optional(),
});

/**
 * `sub` is the id of the user; `exp` is the expiry, in seconds since 1970; `ver` is the user's token version when the token was
 * issued; `jti` is the id of the token. Tokens of earlier releases have no `jti`, and version 0.
 */
export type TokenClaims = z.infer<typeof Claims>;

export interface Tokens {
  /** @param user with the token version of the account; if it is left out, the version of a new account. */
  sign(user: { id: string; role: UserRole; tokenVersion?: number }): string;
  /** The claims of a token; null if its signature or content is wrong, or it has expired. */
  verify(token: string): TokenClaims | null;
}

/** Signs and verifies JSON Web Tokens, with HS256 only. */
export function createTokens(secret: string, expiresInSeconds: number): Tokens {
  // Given a string, jsonwebtoken would make a KeyObject at every call, which costs much more than the verification.
  const key = createSecretKey(Buffer.from(secret));
  return {
    sign: ({ id, role, tokenVersion = 0 }) =>
      jwt.sign({ role, ver: tokenVersion }, key, {
        algorithm: 'HS256',
        subject: id,
        jwtid: randomUUID(),
        expiresIn: expiresInSeconds,
      }),
    verify(token) {
      try {
        return Claims.safeParse(jwt.verify(token, key, { algorithms: ['HS256'] })).data ?? null;
      } catch {
        return null;
      }
    },
  };
}

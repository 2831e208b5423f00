import { createSecretKey } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import { UserRole } from '../../generated/prisma/enums.js';
import { uuid } from '../validation/schema-primitives.js';

const Claims = z.object({ sub: uuid, role: z.enum(UserRole), iat: z.number(), exp: z.number() });

/** What a token says: whose it is (`sub`), and when it ends (`exp`, seconds since 1970). */
export type TokenClaims = z.infer<typeof Claims>;

export interface Tokens {
  /** A token for a user, valid for the configured time. */
  sign(user: { id: string; role: UserRole }): string;
  /** The claims of a token, or null if it is not one of ours or has expired. */
  verify(token: string): TokenClaims | null;
}

/** Signs and checks JSON Web Tokens, HS256 and nothing else. */
export function createTokens(secret: string, expiresInSeconds: number): Tokens {
  // A KeyObject made once: given the string, jsonwebtoken makes one at every call, for fifty times the cost of the check.
  const key = createSecretKey(Buffer.from(secret));
  return {
    sign: ({ id, role }) => jwt.sign({ role }, key, { algorithm: 'HS256', subject: id, expiresIn: expiresInSeconds }),
    verify(token) {
      try {
        return Claims.safeParse(jwt.verify(token, key, { algorithms: ['HS256'] })).data ?? null;
      } catch {
        return null;
      }
    },
  };
}

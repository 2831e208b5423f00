import { createSigner, createVerifier } from 'fast-jwt';
import { z } from 'zod';
import { UserRole } from '../../generated/prisma/enums.js';
import { uuid } from '../http/fields.js';

const Claims = z.object({ sub: uuid, role: z.enum(UserRole), iat: z.number(), exp: z.number() });

/** What a token says: whose it is (`sub`), and when it ends (`exp`, seconds since 1970). */
export type TokenClaims = z.infer<typeof Claims>;

export interface Tokens {
  /** A token for a user, valid for the configured time. */
  sign(user: { id: string; role: UserRole }): string;
  /** The claims of a token, or null if it is not one of ours or has expired. */
  verify(token: string): TokenClaims | null;
}

/** Signs and checks JSON Web Tokens, HS256 and nothing else. Each request has one to check: see docs/adr/0007. */
export function createTokens(secret: string, expiresInSeconds: number): Tokens {
  const signToken = createSigner({ key: secret, algorithm: 'HS256', expiresIn: expiresInSeconds * 1000 });
  const verifyToken = createVerifier({ key: secret, algorithms: ['HS256'] });
  return {
    sign: ({ id, role }) => signToken({ sub: id, role }),
    verify(token) {
      try {
        return Claims.safeParse(verifyToken(token)).data ?? null;
      } catch {
        return null;
      }
    },
  };
}

import type { UserRole } from '../../generated/prisma/enums.js';
import type { Database } from '../db/database.js';
import { InvalidTokenError, UnauthenticatedError } from '../errors/index.js';
import type { Tokens } from './tokens.js';

/** Who makes a request. The role is the database's, so that an admin's end takes effect at once. */
export interface AuthenticatedUser {
  readonly id: string;
  readonly username: string;
  readonly role: UserRole;
}

/** Finds out who an `Authorization` header stands for. @throws {UnauthenticatedError} it stands for nobody. */
export type Authenticate = (authorization: string | undefined) => Promise<AuthenticatedUser>;

export function createAuthenticate({ tokens, db }: { tokens: Tokens; db: Database }): Authenticate {
  return async (authorization) => {
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (!token) throw new UnauthenticatedError();
    const claims = tokens.verify(token);
    if (!claims) throw new InvalidTokenError('The token is not valid or has expired');
    const user = await db.user.findUnique({
      where: { id: claims.sub },
      select: { id: true, username: true, role: true },
    });
    if (!user) throw new InvalidTokenError('The account of this token no longer exists');
    return user;
  };
}

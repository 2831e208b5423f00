import { InvalidTokenError, UnauthenticatedError } from '../errors/index.js';
import type { Tokens } from './tokens.js';
import type { AuthenticatedUser, UserLookup } from './user-lookup.js';

export type { AuthenticatedUser } from './user-lookup.js';

/** Finds out who an `Authorization` header stands for. @throws {UnauthenticatedError} it stands for nobody. */
export type Authenticate = (authorization: string | undefined) => Promise<AuthenticatedUser>;

export function createAuthenticate({ tokens, findUser }: { tokens: Tokens; findUser: UserLookup }): Authenticate {
  return async (authorization) => {
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (!token) throw new UnauthenticatedError();
    const claims = tokens.verify(token);
    if (!claims) throw new InvalidTokenError('The token is not valid or has expired');
    const user = await findUser(claims.sub);
    if (!user) throw new InvalidTokenError('The account of this token no longer exists');
    return user;
  };
}

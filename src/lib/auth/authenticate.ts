import { AccountGoneError, InvalidTokenError, UnauthenticatedError } from '../errors/index.js';
import type { Tokens } from './tokens.js';
import type { AuthenticatedUser, UserLoader } from './user-loader.js';

export type { AuthenticatedUser } from './user-loader.js';

/** Who a valid token was given to. Whether the account is still there nobody has looked up. */
export type TokenSubject = Pick<AuthenticatedUser, 'id'>;

export interface Authentication {
  /** Who the token of an `Authorization` header was given to. @throws {UnauthenticatedError} it holds no valid one. */
  subjectOf(authorization: string | undefined): TokenSubject;
  /** The account of a holder. @throws {AccountGoneError} it has been deleted. */
  accountOf(holder: TokenSubject): Promise<AuthenticatedUser>;
}

export function createAuthentication({ tokens, findUser }: { tokens: Tokens; findUser: UserLoader }): Authentication {
  return {
    subjectOf(authorization) {
      const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
      if (!token) throw new UnauthenticatedError();
      const claims = tokens.verify(token);
      if (!claims) throw new InvalidTokenError('Your session is not valid or has expired: sign in again');
      return { id: claims.sub };
    },

    async accountOf({ id }) {
      const user = await findUser(id);
      if (!user) throw new AccountGoneError();
      return user;
    },
  };
}

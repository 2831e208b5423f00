import type { BatchLoader } from '../batch-loader.js';
import { AccountGoneError, InvalidTokenError, UnauthenticatedError } from '../errors/index.js';
import type { Tokens, UserRole } from './tokens.js';

/** The user of a request. The role is read from the database, so that a change of role takes effect at once. */
export interface AuthenticatedUser {
  readonly id: string;
  readonly username: string;
  readonly role: UserRole;
}

/** Loads a user; null if there is none. Concurrent calls share one query. */
export type UserLoader = BatchLoader<AuthenticatedUser>;

/** The user of a valid token, whose account may no longer exist. */
export type TokenSubject = Pick<AuthenticatedUser, 'id'>;

export interface Authentication {
  /** The subject of the token in an `Authorization` header. @throws {UnauthenticatedError} without a valid token. */
  subjectOf(authorization: string | undefined): TokenSubject;
  /** The account of a token's subject. @throws {AccountGoneError} if it has been deleted. */
  accountOf(subject: TokenSubject): Promise<AuthenticatedUser>;
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

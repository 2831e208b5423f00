import type { BatchLoader } from '../batch-loader.js';
import { InvalidTokenError, TokenEndedError, UnauthenticatedError, type TokenRefusal } from '../errors/index.js';
import type { RefusedTokens } from './refused-tokens.js';
import type { TokenClaims, Tokens, UserRole } from './tokens.js';

/** A token that is neither forged nor expired. */
export interface ValidToken {
  /** The user's token version when the token was issued. */
  readonly version: number;
  /** Null for a token of an earlier release. */
  readonly id: string | null;
  /** In seconds since 1970. */
  readonly expiresAt: number;
}

/** The user of a valid token, whose account may be closed, and whose token may have been ended. */
export interface TokenSubject {
  readonly id: string;
  readonly token: ValidToken;
}

/** The user of a request. The role is read from the database, so that a change of role takes effect at once. */
export interface AuthenticatedUser extends TokenSubject {
  readonly username: string;
  readonly email: string;
  readonly role: UserRole;
}

/** What the database has about the account of a token. */
export interface TokenState {
  /** Why the token is refused; null if it is not. */
  readonly refusal: TokenRefusal | null;
  readonly username: string;
  readonly email: string;
  readonly role: UserRole;
}

/** Loads the state of a token. Concurrent calls share one query. */
export type TokenStateLoader = BatchLoader<TokenState, TokenSubject>;

export interface Authentication {
  /**
   * The subject of the token in an `Authorization` header.
   *
   * @throws {UnauthenticatedError} without a valid token.
   * @throws {TokenEndedError} if this process refused the token within the last five seconds.
   */
  subjectOf(authorization: string | undefined): TokenSubject;
  /** The account of a token's subject. @throws {TokenEndedError} if it is closed, or the token was ended. */
  accountOf(subject: TokenSubject): Promise<AuthenticatedUser>;
  /** Whether the token was refused when its account was last loaded. */
  wasRefused(subject: TokenSubject): boolean;
  /** Records that a statement which loads the account together with other rows has refused the token. */
  recordRefusal(subject: TokenSubject, refusal: TokenRefusal): void;
}

interface AuthenticationOptions {
  readonly tokens: Tokens;
  /** Records in `refusedTokens` what it loads. */
  readonly loadTokenState: TokenStateLoader;
  readonly refusedTokens: RefusedTokens;
}

export function createAuthentication(options: AuthenticationOptions): Authentication {
  const { tokens, loadTokenState, refusedTokens } = options;
  return {
    subjectOf(authorization) {
      const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
      if (!token) throw new UnauthenticatedError();
      const claims = tokens.verify(token);
      if (!claims) throw new InvalidTokenError('Your session is not valid or has expired: sign in again');
      const subject = toTokenSubject(claims);
      const refusal = refusedTokens.refusalOf(subject);
      if (refusal) throw new TokenEndedError(refusal);
      return subject;
    },

    async accountOf(subject) {
      const { refusal, username, email, role } = await loadTokenState(subject);
      if (refusal) throw new TokenEndedError(refusal);
      return { ...subject, username, email, role };
    },

    wasRefused: (subject) => refusedTokens.has(subject),

    recordRefusal(subject, refusal) {
      refusedTokens.record(subject, refusal);
    },
  };
}

export function toTokenSubject({ sub, ver, jti, exp }: TokenClaims): TokenSubject {
  return { id: sub, token: { version: ver, id: jti ?? null, expiresAt: exp } };
}

import { LRUCache } from 'lru-cache';
import type { TokenRefusal } from '../errors/index.js';
import type { TokenSubject } from './authenticate.js';

/** The tokens that were refused lately because they were ended or their account is closed: see docs/adr/0041. */
export interface RefusedTokens {
  /** Why the database refused a token, at most `maxAgeMs` ago; null if it did not. */
  refusalOf(subject: TokenSubject): TokenRefusal | null;
  /** Whether a token was refused when it was last checked, however long ago. */
  has(subject: TokenSubject): boolean;
  /** Records what the database has just returned for a token. */
  record(subject: TokenSubject, refusal: TokenRefusal | null): void;
}

interface RefusedTokensOptions {
  /** How long a refusal is repeated without a query. */
  readonly maxAgeMs?: number;
  /** Beyond so many tokens those are removed that have not been used for longest. */
  readonly maxTokens?: number;
}

interface Refused {
  readonly refusal: TokenRefusal;
  /** In the time of `performance.now()`. */
  readonly until: number;
}

const DEFAULT_MAX_AGE_MS = 5_000;
/** Of about 200 bytes each. */
const DEFAULT_MAX_TOKENS = 50_000;

/** Creates the memory of one process. It contains tokens that this service has signed only. */
export function createRefusedTokens({
  maxAgeMs = DEFAULT_MAX_AGE_MS,
  maxTokens = DEFAULT_MAX_TOKENS,
}: RefusedTokensOptions = {}): RefusedTokens {
  const tokens = new LRUCache<string, Refused>({ max: maxTokens });

  return {
    refusalOf(subject) {
      const refused = tokens.get(keyOf(subject));
      return refused && performance.now() < refused.until ? refused.refusal : null;
    },

    has: (subject) => tokens.has(keyOf(subject)),

    record(subject, refusal) {
      if (refusal) tokens.set(keyOf(subject), { refusal, until: performance.now() + maxAgeMs });
      else tokens.delete(keyOf(subject));
    },
  };
}

/** A token of an earlier release has no id; all of them of one account and version are refused alike. */
function keyOf({ id: userId, token: { id, version } }: TokenSubject): string {
  return id ?? `${userId} ${version}`;
}

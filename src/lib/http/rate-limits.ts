import type { RequestHandler } from 'express';
import { ipKeyGenerator, MemoryStore, rateLimit } from 'express-rate-limit';
import { RateLimitedError } from '../errors/index.js';
import { currentUser } from './current-user.js';

/**
 * What may come from one address or one user. A person is far below each of them: hundreds share an address behind a
 * carrier or an office, so the limits per address only stop machines; nobody clicks "reserve" ten times a second.
 */
const LIMITS = {
  'sign-in': { per: 'address', limit: 300, windowSeconds: 60 },
  registration: { per: 'address', limit: 300, windowSeconds: 60 },
  reserve: { per: 'user', limit: 100, windowSeconds: 10 },
  purchase: { per: 'user', limit: 100, windowSeconds: 10 },
} as const;

export type RateLimitName = keyof typeof LIMITS;

export interface RateLimits {
  /** The middleware for a limit; answers 429 with Retry-After beyond it, and RateLimit headers always (draft 8). */
  middleware(name: RateLimitName): RequestHandler;
  close(): void;
}

/** Rate limits of this process. */
export function createRateLimits({ enabled }: { enabled: boolean }): RateLimits {
  const stores: MemoryStore[] = [];

  function create(name: RateLimitName): RequestHandler {
    const { per, limit, windowSeconds } = LIMITS[name];
    const store = new MemoryStore();
    stores.push(store);
    return rateLimit({
      store,
      limit,
      windowMs: windowSeconds * 1000,
      identifier: name,
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      // Its opinions on TRUST_PROXY, which is the operator's to set, would be printed past the log.
      validate: { trustProxy: false, xForwardedForHeader: false },
      keyGenerator: (req, res) => (per === 'user' ? currentUser(res).id : ipKeyGenerator(req.ip ?? '')),
      handler: (_req, res) => {
        throw new RateLimitedError(Number(res.getHeader('Retry-After')));
      },
    });
  }

  const all = new Map<RateLimitName, RequestHandler>();
  return {
    middleware(name) {
      if (!enabled) {
        return (_req, _res, next) => {
          next();
        };
      }
      const limiter = all.get(name) ?? create(name);
      all.set(name, limiter);
      return limiter;
    },
    close() {
      for (const store of stores) store.shutdown();
    },
  };
}

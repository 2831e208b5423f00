import type { IncomingMessage, ServerResponse } from 'node:http';
import { MemoryStore, type Options } from 'express-rate-limit';
import type { TokenSubject } from '../auth/authenticate.js';
import { RateLimitedError } from '../errors/index.js';
import type { ClientAddress } from './client-address.js';

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

/**
 * Counts a request, and sets the RateLimit headers of its answer (draft 8).
 *
 * @throws {RateLimitedError} with Retry-After, beyond the limit.
 */
export type CountRequest = (
  req: IncomingMessage,
  res: ServerResponse,
  user: TokenSubject | null,
) => Promise<void> | void;

export interface RateLimits {
  /** What counts the requests of one kind, wherever they come in. */
  counter(name: RateLimitName): CountRequest;
  close(): void;
}

interface RateLimitsOptions {
  readonly enabled: boolean;
  readonly clientAddress: ClientAddress;
}

/** Rate limits of this process. */
export function createRateLimits({ enabled, clientAddress }: RateLimitsOptions): RateLimits {
  const stores = new Map<RateLimitName, MemoryStore>();

  function storeOf(name: RateLimitName): MemoryStore {
    const known = stores.get(name);
    if (known) return known;
    const store = new MemoryStore();
    // All that it asks of the options of the middleware that it is usually part of, which is made for Express.
    store.init({ windowMs: LIMITS[name].windowSeconds * 1000 } as Options);
    stores.set(name, store);
    return store;
  }

  return {
    counter(name) {
      if (!enabled) return () => undefined;
      const { per, limit, windowSeconds } = LIMITS[name];
      const store = storeOf(name);
      const policy = `"${name}"; q=${limit}; w=${windowSeconds}`;
      return async (req, res, user) => {
        const { totalHits, resetTime } = await store.increment(per === 'user' ? userId(user) : clientAddress(req));
        const seconds = resetTime ? Math.max(0, Math.ceil((resetTime.getTime() - Date.now()) / 1000)) : windowSeconds;
        res.setHeader('RateLimit-Policy', policy);
        res.setHeader('RateLimit', `"${name}"; r=${Math.max(0, limit - totalHits)}; t=${seconds}`);
        if (totalHits > limit) throw new RateLimitedError(seconds);
      };
    },
    close() {
      for (const store of stores.values()) store.shutdown();
    },
  };
}

function userId(user: TokenSubject | null): string {
  if (!user) throw new Error('A limit per user is for routes that are not public');
  return user.id;
}

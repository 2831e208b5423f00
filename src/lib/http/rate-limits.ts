import type { IncomingMessage, ServerResponse } from 'node:http';
import { MemoryStore, type Options } from 'express-rate-limit';
import type { TokenSubject } from '../auth/authenticate.js';
import { RateLimitedError } from '../errors/index.js';
import type { ClientAddress } from './request/client-address.js';

/**
 * Requests per address or user. Hundreds of people share the address of an office or a mobile carrier, so the limits per
 * address are wide enough for them and stop scripts only.
 */
const LIMITS = {
  'sign-in': { per: 'address', limit: 300, windowSeconds: 60 },
  registration: { per: 'address', limit: 300, windowSeconds: 60 },
  reserve: { per: 'user', limit: 100, windowSeconds: 10 },
  purchase: { per: 'user', limit: 100, windowSeconds: 10 },
} as const;

export type RateLimitName = keyof typeof LIMITS;

/**
 * Counts a request, and sets the RateLimit headers of its response (draft 8).
 *
 * @throws {RateLimitedError} with Retry-After, beyond the limit.
 */
type CountRequest = (req: IncomingMessage, res: ServerResponse, user: TokenSubject | null) => Promise<void> | void;

export interface RateLimits {
  /** One counter a name, shared by the routes that have this limit. */
  counter(name: RateLimitName): CountRequest;
  close(): void;
}

interface RateLimitsOptions {
  readonly enabled: boolean;
  readonly clientAddress: ClientAddress;
}

/** Makes the rate limits of this process. See docs/adr/0024 for why the store is used without its middleware. */
export function createRateLimits({ enabled, clientAddress }: RateLimitsOptions): RateLimits {
  const stores = new Map<RateLimitName, MemoryStore>();

  function storeOf(name: RateLimitName): MemoryStore {
    const known = stores.get(name);
    if (known) return known;
    const store = new MemoryStore();
    // The store reads no other option of the middleware.
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
  if (!user) throw new Error('A public route cannot have a rate limit per user');
  return user.id;
}

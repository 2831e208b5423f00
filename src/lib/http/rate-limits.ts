import type { IncomingMessage, ServerResponse } from 'node:http';
import { MemoryStore, type Options } from 'express-rate-limit';
import type { TokenSubject } from '../auth/authenticate.js';
import { RateLimitedError } from '../errors/index.js';
import type { ClientAddress } from './request/client-address.js';

/** How many requests a client may send to a route, or to all routes with a limit of the same name together. */
export interface RateLimit {
  readonly name: string;
  /** Whose requests are counted together: those of an address, or of a user. */
  readonly per: 'address' | 'user';
  readonly limit: number;
  readonly windowSeconds: number;
}

/**
 * Counts a request, and sets the RateLimit headers of its response (draft 8).
 *
 * @throws {RateLimitedError} with Retry-After, beyond the limit.
 */
type CountRequest = (req: IncomingMessage, res: ServerResponse, user: TokenSubject | null) => Promise<void> | void;

export interface RateLimits {
  /** The counter of a limit; limits of the same name share one. */
  counter(limit: RateLimit): CountRequest;
  close(): void;
}

interface RateLimitsOptions {
  readonly enabled: boolean;
  readonly clientAddress: ClientAddress;
}

/** Makes the rate limits of this process. See docs/adr/0024 for why the store is used without its middleware. */
export function createRateLimits({ enabled, clientAddress }: RateLimitsOptions): RateLimits {
  const stores = new Map<string, MemoryStore>();

  function storeOf({ name, windowSeconds }: RateLimit): MemoryStore {
    const known = stores.get(name);
    if (known) return known;
    const store = new MemoryStore();
    // The store reads no other option of the middleware.
    store.init({ windowMs: windowSeconds * 1000 } as Options);
    stores.set(name, store);
    return store;
  }

  return {
    counter(rateLimit) {
      if (!enabled) return () => undefined;
      const { name, per, limit, windowSeconds } = rateLimit;
      const store = storeOf(rateLimit);
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

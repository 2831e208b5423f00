import { MemoryStore, type ClientRateLimitInfo, type Options } from 'express-rate-limit';
import type { TokenSubject } from '../../auth/authenticate.js';
import { RateLimitedError } from '../../errors/index.js';
import type { Exchange } from '../exchange.js';
import type { ClientAddress } from '../request/client-address.js';
import type { SharedCounts } from './shared-counts.js';

/** So many requests in a window of so many seconds. */
export interface RequestRate {
  readonly limit: number;
  readonly windowSeconds: number;
}

/** How many requests a client may send to a route, or to all routes with a limit of the same name together. */
export interface RateLimit extends RequestRate {
  readonly name: string;
  /** Whose requests are counted together: those of an address, or of a user. */
  readonly per: 'address' | 'user';
}

/**
 * Counts a request, and adds the RateLimit headers of its response (draft 8).
 *
 * @throws {RateLimitedError} with Retry-After, beyond the limit.
 */
type CountRequest = (exchange: Exchange, user: TokenSubject | null) => Promise<void>;

export interface RateLimits {
  /** The counter of a limit, undefined if limits are turned off; limits of the same name share one. */
  counter(limit: RateLimit): CountRequest | undefined;
  /** Connects to the processes that share the counts, if there are any, in the background. */
  connect(): void;
  close(): void;
}

interface RateLimitsOptions {
  readonly enabled: boolean;
  readonly clientAddress: ClientAddress;
  /** Left out: this process counts for itself. */
  readonly sharedCounts?: SharedCounts | undefined;
}

/** The requests of a client in its window, this one included. */
type Count = (client: string) => Promise<ClientRateLimitInfo>;

/** Makes the rate limits of this process. See docs/adr/0024 for why the store is used without its middleware. */
export function createRateLimits({ enabled, clientAddress, sharedCounts }: RateLimitsOptions): RateLimits {
  const counts = new Map<string, Count>();
  const stores: MemoryStore[] = [];

  function createCount(rateLimit: RateLimit): Count {
    const store = new MemoryStore();
    // The store reads no other option of the middleware.
    store.init({ windowMs: rateLimit.windowSeconds * 1000 } as Options);
    stores.push(store);
    const countHere = (client: string) => store.increment(client);
    return sharedCounts ? createSharedCount(rateLimit, sharedCounts, countHere) : countHere;
  }

  function countOf(rateLimit: RateLimit): Count {
    const count = counts.get(rateLimit.name) ?? createCount(rateLimit);
    counts.set(rateLimit.name, count);
    return count;
  }

  return {
    counter(rateLimit) {
      if (!enabled) return undefined;
      const { name, per, limit, windowSeconds } = rateLimit;
      const count = countOf(rateLimit);
      const policy = `"${name}"; q=${limit}; w=${windowSeconds}`;
      return async ({ req, headers }, user) => {
        const { totalHits, resetTime } = await count(per === 'user' ? userId(user) : clientAddress(req));
        const seconds = resetTime ? Math.max(1, Math.ceil((resetTime.getTime() - Date.now()) / 1000)) : windowSeconds;
        headers['RateLimit-Policy'] = policy;
        headers.RateLimit = `"${name}"; r=${Math.max(0, limit - totalHits)}; t=${seconds}`;
        if (totalHits > limit) throw new RateLimitedError(seconds);
      };
    },
    connect() {
      if (enabled) sharedCounts?.connect();
    },
    close() {
      sharedCounts?.close();
      for (const store of stores) store.shutdown();
    },
  };
}

/**
 * Counts in the shared store, and in this process while that is away. A client that is over its limit is refused here until
 * its window ends, so that a flood costs the shared store no more requests than the limit.
 */
function createSharedCount({ name, limit, windowSeconds }: RateLimit, shared: SharedCounts, countHere: Count): Count {
  const countShared = shared.counter(name, windowSeconds * 1000);
  const overLimit = new Map<string, ClientRateLimitInfo>();
  return async (client) => {
    const known = overLimit.get(client);
    if (known) return known;
    const counted = await countShared(client);
    if (!counted) return countHere(client);
    if (counted.totalHits > limit && counted.resetTime && !overLimit.has(client)) {
      overLimit.set(client, counted);
      setTimeout(() => overLimit.delete(client), counted.resetTime.getTime() - Date.now()).unref();
    }
    return counted;
  };
}

function userId(user: TokenSubject | null): string {
  if (!user) throw new Error('A public route cannot have a rate limit per user');
  return user.id;
}

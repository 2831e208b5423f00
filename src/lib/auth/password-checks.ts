import { createHmac, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { CancellationSignal } from '../batcher.js';
import { OverloadedError, RateLimitedError } from '../errors/index.js';
import { createFailureDelays, type FailureDelays } from './failure-delays.js';
import type { PasswordQueue } from './password-queue.js';

/** Who tries a password, and for which account. */
export interface PasswordTry {
  /** The name of the account as it was sent. Whether it exists makes no difference. */
  readonly account: string;
  /** The address that limits count the request for. */
  readonly address: string;
  readonly signal?: CancellationSignal | undefined;
}

export interface PasswordChecks {
  /**
   * Checks a password when the turn of its address comes, unless the account or the address has to wait after failures.
   *
   * @param verify loads the account and verifies the password; null if either is wrong.
   * @returns what `verify` returns.
   * @throws {RateLimitedError} after failures, before `verify` is called.
   * @throws {OverloadedError} and {RequestCancelledError}, see {@link PasswordQueue}; before `verify` is called.
   * @throws what `verify` throws, which does not count as a failure.
   */
  run<Result>(tried: PasswordTry, verify: () => Promise<Result | null>): Promise<Result | null>;
}

/** When delays begin and how long they become; see docs/operations.md. */
export interface FailureLimits {
  /** Failures of one address with one account before the first delay. */
  readonly perAccount: number;
  /** Failures of one address with any accounts before the first delay. */
  readonly perAddress: number;
  readonly maxDelayMs: number;
}

export type RefusalReason = 'account-delay' | 'address-delay' | 'queue';

interface PasswordChecksOptions {
  readonly queue: PasswordQueue;
  /** Null: failures have no delay. */
  readonly limits: FailureLimits | null;
  readonly onRefused: (reason: RefusalReason) => void;
}

const MINUTE_MS = 60_000;
/** One failure with an account is forgiven in this time; all of them by the right password. */
const FORGIVE_ACCOUNT_MS = 60 * MINUTE_MS;
/** Of an address, which hundreds of people may share; also by each account that signs in. */
const FORGIVE_ADDRESS_MS = 10_000;
/** The longest delay of an address. */
const MAX_ADDRESS_DELAY_MS = MINUTE_MS;
/** An account that signs in again within this time forgives nothing: the attacker may own it. */
const SIGN_IN_AGAIN_MS = 60 * MINUTE_MS;
const MAX_ACCOUNTS = 50_000;
const MAX_ADDRESSES = 10_000;

/** Limits how often passwords can be tried; see docs/adr/0035. */
export function createPasswordChecks({ queue, limits, onRefused }: PasswordChecksOptions): PasswordChecks {
  const delays = limits && createDelays(limits);

  return {
    async run({ account, address, signal }, verify) {
      const tried = delays?.begin(account, address);
      if (tried?.refused) {
        onRefused(tried.refused.reason);
        throw new RateLimitedError(Math.max(1, Math.ceil(tried.refused.leftMs / 1000)));
      }
      try {
        const result = await queue.run(address, verify, signal);
        tried?.end(result === null ? 'failed' : 'succeeded');
        return result;
      } catch (error) {
        tried?.end('unknown');
        if (error instanceof OverloadedError) onRefused('queue');
        throw error;
      }
    },
  };
}

/** Counts the failures of addresses, and of addresses with one account. The keys in memory contain no name of an account. */
function createDelays({ perAccount, perAddress, maxDelayMs }: FailureLimits) {
  const ofAccounts = createFailureDelays({
    freeFailures: perAccount,
    forgiveMs: FORGIVE_ACCOUNT_MS,
    maxDelayMs,
    maxKeys: MAX_ACCOUNTS,
  });
  const ofAddresses = createFailureDelays({
    freeFailures: perAddress,
    forgiveMs: FORGIVE_ADDRESS_MS,
    maxDelayMs: Math.min(maxDelayMs, MAX_ADDRESS_DELAY_MS),
    maxKeys: MAX_ADDRESSES,
  });
  const signedIn = new LRUCache<string, true>({ max: MAX_ACCOUNTS, ttl: SIGN_IN_AGAIN_MS });
  const secret = randomBytes(32);
  const keyOf = (account: string, address: string) =>
    createHmac('sha256', secret).update(`${address} ${account.toLowerCase()}`).digest('base64');

  return {
    begin(account: string, address: string) {
      const key = keyOf(account, address);
      const refused = refusalOf(ofAccounts, key, 'account-delay') ?? refusalOf(ofAddresses, address, 'address-delay');
      // A failure until the opposite is known: tries at the same time would all find the account without a delay.
      if (!refused) ofAccounts.fail(key);
      return {
        refused,
        end(outcome: 'succeeded' | 'failed' | 'unknown') {
          if (outcome === 'failed') {
            ofAccounts.restart(key);
            ofAddresses.fail(address);
          } else if (outcome === 'unknown') {
            ofAccounts.forgive(key);
          } else {
            ofAccounts.clear(key);
            if (!signedIn.has(key)) ofAddresses.forgive(address);
            signedIn.set(key, true);
          }
        },
      };
    },
  };
}

function refusalOf(delays: FailureDelays, key: string, reason: RefusalReason) {
  const leftMs = delays.leftMs(key);
  return leftMs > 0 ? { reason, leftMs } : null;
}

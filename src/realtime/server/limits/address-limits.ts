import { createTokenBucket } from '../../../lib/token-bucket.js';

interface AddressLimitsOptions {
  /** Open connections. */
  readonly maxPerAddress: number;
  /** Requests in a second, in the long run. */
  readonly maxRequestsPerSecondAndAddress: number;
}

/** Why an address may not open a connection. */
export type AddressRefusal = 'address-limit' | 'address-rate';

/** New connections in a minute, in proportion to the open ones: after a restart all clients of an address return at once. */
const CONNECTS_PER_OPEN = 2;
/** An address may flood this often in a minute. Beyond that it opens no connections until a minute after the last flood. */
const FLOODS_PER_MINUTE = 20;
/** Opening a connection costs more than keeping it: one that ends earlier counts as a short one. */
const SHORT_CONNECTION_MS = 2_000;
/** So many short connections of an address at once, in proportion to the open ones: beyond it new ones wait for their turn. */
const SHORT_PER_OPEN = 1 / 200;
const MIN_SHORT = 5;
/** In the long run. */
const SHORT_PER_SECOND = 1;
/** So many seconds' requests an address may send at once, as after a restart. */
const BURST_SECONDS = 10;
/** Addresses without connections are removed when there are this many, or twice as many as after the last removal. */
const MIN_ADDRESSES_TO_REMOVE = 1_000;

export type AddressUse = ReturnType<typeof createAddressUse>;

/** Counts what each address uses. Connections behind one address share its limits: those of an office, or of a carrier. */
export function createAddressLimits(options: AddressLimitsOptions) {
  const addresses = new Map<string, AddressUse>();
  let removeAtSize = MIN_ADDRESSES_TO_REMOVE;

  function removeUnused(): void {
    for (const [address, use] of addresses) if (use.isUnused()) addresses.delete(address);
    removeAtSize = Math.max(MIN_ADDRESSES_TO_REMOVE, 2 * addresses.size);
  }

  return {
    /** What this address uses. */
    of(address: string): AddressUse {
      const known = addresses.get(address);
      if (known) return known;
      if (addresses.size >= removeAtSize) removeUnused();
      const use = createAddressUse(options);
      addresses.set(address, use);
      return use;
    },
  };
}

function createAddressUse({ maxPerAddress, maxRequestsPerSecondAndAddress }: AddressLimitsOptions) {
  const connectsPerMinute = CONNECTS_PER_OPEN * maxPerAddress;
  const connects = createTokenBucket(connectsPerMinute, connectsPerMinute / 60);
  const requests = createTokenBucket(BURST_SECONDS * maxRequestsPerSecondAndAddress, maxRequestsPerSecondAndAddress);
  const shortConnections = createTokenBucket(Math.max(MIN_SHORT, SHORT_PER_OPEN * maxPerAddress), SHORT_PER_SECOND);
  let open = 0;

  return {
    /** Counts a new connection. Returns the reason if it is refused. */
    connect(): AddressRefusal | null {
      if (open >= maxPerAddress) return 'address-limit';
      return connects.take() ? null : 'address-rate';
    },
    /** A connection was opened. Returns false if there are too many: many that begin at once pass `connect` before any is open. */
    opened(): boolean {
      open += 1;
      return open <= maxPerAddress;
    },
    /** @param openMs how long the connection was open. */
    closed(openMs: number): void {
      open -= 1;
      if (openMs < SHORT_CONNECTION_MS) shortConnections.charge(1);
    },
    /** Whether its next connection has to wait, because many were closed soon after they were opened. */
    hasToWait: () => shortConnections.isInDebt(),
    /** A connection was closed because it flooded the server. */
    recordFlood(): void {
      connects.charge(connectsPerMinute / FLOODS_PER_MINUTE);
    },
    /** Counts a request of a socket. Returns false if it exceeds the limit. */
    request: () => requests.take(),
    isUnused: () => open === 0 && [connects, requests, shortConnections].every((bucket) => bucket.isFull()),
  };
}

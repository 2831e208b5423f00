import { isIP, SocketAddress } from 'node:net';
import { z } from 'zod';
import { splitList } from './setting-types.js';

const MAX_PROXIES = 10;
/** The shortest prefixes that production accepts: 10.0.0.0/8 is the largest private network of IPv4. */
const MIN_PREFIX_BITS = { 4: 8, 6: 16 };
/** In front of the IPv4 address in an IPv6 address such as `::ffff:10.0.0.1`. */
const MAPPED_PREFIX_BITS = 96;
const NAMED_SUBNETS = ['loopback', 'linklocal', 'uniquelocal'];

/** Express's `trust proxy`: true (not in production), false, a number of hops, or a comma-separated list of addresses and subnets. */
export const trustProxy = z.string().transform((value, context): boolean | number | string => {
  if (value === 'true' || value === 'false') return value === 'true';
  if (/^\d{1,3}$/.test(value)) return Number(value);
  const list = splitList(value);
  if (list.length === 0 || !list.every(isAddressOrSubnet)) {
    context.addIssue('must be true, false, the number of proxies, or their addresses, such as 10.0.0.0/8, 192.168.1.4');
  }
  return list.join(',');
});

/** Says why clients could choose the address that limits count them for; null if they cannot, or the value is not valid. */
export function forgeableProxies(value: string): string | null {
  const parsed = trustProxy.safeParse(value).data;
  if (parsed === true) return 'true is refused';
  if (typeof parsed === 'number') return parsed > MAX_PROXIES ? `more than ${MAX_PROXIES} proxies are refused` : null;
  const wide = typeof parsed === 'string' && parsed.split(',').find(isWide);
  if (!wide) return null;
  return `${wide} is refused: a network needs a prefix of at least /${MIN_PREFIX_BITS[4]} (IPv6: /${MIN_PREFIX_BITS[6]})`;
}

function isAddressOrSubnet(item: string): boolean {
  const { address, bits } = parse(item);
  const version = isIP(address);
  if (version === 0) return NAMED_SUBNETS.includes(item);
  return bits === undefined || (bits >= 1 && bits <= (version === 4 ? 32 : 128));
}

function isWide(item: string): boolean {
  const { address, bits } = parse(item);
  const version = isIP(address);
  if (version === 0 || bits === undefined) return false;
  if (version === 4) return bits < MIN_PREFIX_BITS[4];
  const isMapped = /^::ffff:\d+\./.test(new SocketAddress({ address, family: 'ipv6' }).address);
  return isMapped ? bits < MAPPED_PREFIX_BITS + MIN_PREFIX_BITS[4] : bits < MIN_PREFIX_BITS[6];
}

function parse(item: string): { address: string; bits?: number } {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(item) ?? [];
  return bits === undefined ? { address } : { address, bits: Number(bits) };
}

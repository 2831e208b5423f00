import type { IncomingMessage } from 'node:http';
import { isIP, SocketAddress } from 'node:net';
import { ipKeyGenerator } from 'express-rate-limit';
import proxyAddr from 'proxy-addr';

/**
 * The address that limits count a request for: an IPv4 address, or the first 64 bits of an IPv6 address, which are the
 * network of one customer (`2001:db8::/64`).
 */
export type ClientAddress = (req: IncomingMessage) => string;

const IPV6_NETWORK_BITS = 64;

/**
 * Makes the one reader of `X-Forwarded-For`, for HTTP and for sockets: the address of the connection, or the one that the
 * trusted proxies report.
 *
 * @param trustProxy the setting TRUST_PROXY: all, none, a number of proxies, or their addresses, comma-separated.
 */
export function createClientAddress(trustProxy: boolean | number | string): ClientAddress {
  const isTrusted = compileTrust(trustProxy);
  return (req) => {
    const peer = normalizeAddress(req.socket.remoteAddress ?? '') ?? '';
    const hops = [peer, ...forwardedAddresses(req)];
    let last = 0;
    while (last < hops.length - 1 && isTrusted(hops[last] ?? '', last)) last += 1;
    // An invalid hop counts as the nearest valid one: a client cannot evade its limits with an invalid address.
    const known = hops.slice(0, last + 1).findLast((hop) => hop !== null) ?? '';
    return ipKeyGenerator(known, IPV6_NETWORK_BITS);
  };
}

/** The addresses of `X-Forwarded-For`, nearest first. Invalid ones are null, because a number of proxies counts them too. */
function forwardedAddresses({ headers }: IncomingMessage): (string | null)[] {
  const header = headers['x-forwarded-for'] ?? [];
  return String(header)
    .split(',')
    .flatMap((item) => (item.trim() === '' ? [] : [normalizeAddress(item)]))
    .reverse();
}

/**
 * The canonical form of an address as proxies write it: with a port, in brackets or quotes, with a zone, in upper case,
 * IPv4 mapped to IPv6.
 *
 * @returns null for an invalid address.
 */
export function normalizeAddress(text: string): string | null {
  const bare = text
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .replace(/^\[(.*)\](:\d*)?$/, '$1')
    .replace(/^([\d.]+):\d*$/, '$1')
    .replace(/%.*$/, '');
  const version = isIP(bare);
  if (version !== 6) return version === 4 ? bare : null;
  const { address } = new SocketAddress({ address: bare, family: 'ipv6' });
  return address.replace(/^::ffff:(?=\d+\.)/, '');
}

function compileTrust(trustProxy: boolean | number | string): (address: string, index: number) => boolean {
  if (typeof trustProxy === 'string') return proxyAddr.compile(trustProxy.split(','));
  const count = typeof trustProxy === 'number' ? trustProxy : trustProxy ? Infinity : 0;
  return (_address, index) => index < count;
}

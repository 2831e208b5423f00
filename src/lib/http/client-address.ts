import type { IncomingMessage } from 'node:http';
import { isIP, SocketAddress } from 'node:net';
import { ipKeyGenerator } from 'express-rate-limit';
import proxyAddr from 'proxy-addr';

/**
 * The address that a request is counted for: an IPv4 address, or the first 64 bits of an IPv6 address, which are one
 * network with one owner (`2001:db8::/64`).
 */
export type ClientAddress = (req: IncomingMessage) => string;

/** Bits of an IPv6 address that name the network. */
const NETWORK_BITS = 64;

/**
 * Finds the address a request comes from: that of the connection, or what the trusted proxies before it say. The only place
 * that reads `X-Forwarded-For`.
 *
 * @param trustProxy as the setting TRUST_PROXY: all, none, how many, or their addresses, comma-separated.
 */
export function createClientAddress(trustProxy: boolean | number | string): ClientAddress {
  const isTrusted = compileTrust(trustProxy);
  return (req) => {
    const peer = normalizeAddress(req.socket.remoteAddress ?? '') ?? '';
    const hops = [peer, ...forwardedAddresses(req)];
    let last = 0;
    while (last < hops.length - 1 && isTrusted(hops[last] ?? '', last)) last += 1;
    // What is no address counts for the nearest hop that is one: a client cannot leave its limits by writing nonsense.
    const known = hops.slice(0, last + 1).findLast((hop) => hop !== null) ?? '';
    return ipKeyGenerator(known, NETWORK_BITS);
  };
}

/** The addresses of `X-Forwarded-For`, nearest first; null for what is none, so that hops are counted right. */
function forwardedAddresses({ headers }: IncomingMessage): (string | null)[] {
  const header = headers['x-forwarded-for'] ?? [];
  return String(header)
    .split(',')
    .flatMap((item) => (item.trim() === '' ? [] : [normalizeAddress(item)]))
    .reverse();
}

/**
 * An address in its canonical form, however a proxy writes it: with a port, in brackets or quotes, with a zone, in upper case,
 * IPv4 within IPv6.
 *
 * @returns null if it is no address.
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

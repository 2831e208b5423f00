import type { IncomingMessage } from 'node:http';
import proxyAddr from 'proxy-addr';

/**
 * Finds the address a request comes from: that of the connection, or what the trusted proxies before it say.
 *
 * @param trustProxy as the setting TRUST_PROXY: all, none, how many, or their addresses, comma-separated.
 */
export function createClientAddress(trustProxy: boolean | number | string): (req: IncomingMessage) => string {
  const trusted = compileTrust(trustProxy);
  return (req) => proxyAddr(req, trusted);
}

function compileTrust(trustProxy: boolean | number | string): (address: string, index: number) => boolean {
  if (typeof trustProxy === 'string') return proxyAddr.compile(trustProxy.split(','));
  const count = typeof trustProxy === 'number' ? trustProxy : trustProxy ? Infinity : 0;
  return (_address, index) => index < count;
}

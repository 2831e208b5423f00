import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createClientAddress, normalizeAddress } from '../../src/lib/http/request/client-address.js';

function requestFrom(remoteAddress: string | undefined, forwardedFor?: string): IncomingMessage {
  return { socket: { remoteAddress }, headers: { 'x-forwarded-for': forwardedFor } } as unknown as IncomingMessage;
}

describe('the address of a request', () => {
  /** The connection comes from 10.0.0.9. Its proxies report 192.0.2.1 and 10.0.0.1. */
  const req = requestFrom('10.0.0.9', '203.0.113.7, 192.0.2.1, 10.0.0.1');

  it.each([
    [false, '10.0.0.9'],
    [0, '10.0.0.9'],
    [1, '10.0.0.1'],
    [2, '192.0.2.1'],
    [9, '203.0.113.7'],
    ['10.0.0.0/8', '192.0.2.1'],
    ['10.0.0.9', '10.0.0.1'],
    ['10.0.0.9,10.0.0.1', '192.0.2.1'],
    [true, '203.0.113.7'],
  ])('with TRUST_PROXY %j is %s', (trustProxy, address) => {
    expect(createClientAddress(trustProxy)(req)).toBe(address);
  });

  it.each([
    // The addresses of proxies match in every notation.
    ['10.0.0.0/8', '::ffff:10.0.0.9', '192.0.2.1, 10.0.0.1:4711', '192.0.2.1'],
    ['fd00::/8', 'fd00::1', '192.0.2.1, [FD00::2]:4711', '192.0.2.1'],
    ['fe80::/10', 'fe80::1%eth0', '192.0.2.1', '192.0.2.1'],
    // An invalid address counts as a hop. The nearest valid address before it is used.
    [1, '10.0.0.9', '203.0.113.7, unknown', '10.0.0.9'],
    [2, '10.0.0.9', '203.0.113.7, unknown', '203.0.113.7'],
    [2, '10.0.0.9', 'nonsense, 192.0.2.1', '192.0.2.1'],
    [true, '10.0.0.9', "' OR 1=1 --, ,192.0.2.1", '192.0.2.1'],
    ['10.0.0.0/8', '10.0.0.9', '203.0.113.7, unknown', '10.0.0.9'],
    // Empty items are not hops.
    [2, '10.0.0.9', '203.0.113.7,, \t,192.0.2.1,', '203.0.113.7'],
    [1, '10.0.0.9', '', '10.0.0.9'],
    [1, '10.0.0.9', undefined, '10.0.0.9'],
    // A closed connection has no address.
    [1, undefined, undefined, ''],
  ])('with TRUST_PROXY %j, from %s, forwarded for %j, is %s', (trustProxy, remote, forwardedFor, address) => {
    expect(createClientAddress(trustProxy)(requestFrom(remote, forwardedFor))).toBe(address);
  });
});

describe('the rate limit key of an address', () => {
  const key = (forwardedFor: string) => createClientAddress(1)(requestFrom('10.0.0.9', forwardedFor));

  it.each([
    '203.0.113.10',
    '203.0.113.10:51001',
    '203.0.113.10:',
    ' 203.0.113.10\t',
    '"203.0.113.10:51001"',
    '[203.0.113.10]:443',
    '::ffff:203.0.113.10',
    '::FFFF:203.0.113.10',
    '::ffff:cb00:710a',
    '0:0:0:0:0:FFFF:CB00:710A',
    '[::ffff:203.0.113.10]:51001',
    '[::ffff:cb00:710a%eth0]:51001',
  ])('is 203.0.113.10 for %j', (written) => {
    expect(key(written)).toBe('203.0.113.10');
    expect(createClientAddress(false)(requestFrom(normalizeAddress(written) ?? ''))).toBe('203.0.113.10');
  });

  it.each([
    '2001:db8:1:2::3',
    '2001:DB8:1:2::4',
    '2001:0db8:0001:0002:0000:0000:0000:0005',
    '[2001:db8:1:2::6]',
    '[2001:db8:1:2::7]:443',
    '"[2001:db8:1:2::8]:443"',
    '2001:db8:1:2:ffff:ffff:ffff:ffff',
    '2001:db8:1:2::9%25eth0',
    ' 2001:db8:1:2::a ',
  ])('is the network 2001:db8:1:2::/64 for %j', (written) => {
    expect(key(written)).toBe('2001:db8:1:2::/64');
  });

  it.each(['2001:db8:1:3::3', '2001:db8::3', '2001:db8:1:2:'])('is not that network for %j', (written) => {
    expect(key(written)).not.toBe('2001:db8:1:2::/64');
  });
});

it.each([
  ...['', ' ', ':', '[]', '[]:1', 'unknown', '_hidden', 'localhost', '1.2.3', '1.2.3.4.5', '256.1.1.1', '01.2.3.4'],
  ...['1.2.3.4:x', '1.2.3.4:1:2', '[1.2.3.4', '1.2.3.4]', '2001:db8::g', '2001:db8:::1', '%eth0', '1.2.3.4/24', '\0'],
  ...['x'.repeat(10_000), '[' + ':'.repeat(10_000)],
])('%j is not a valid address', (text) => {
  expect(normalizeAddress(text)).toBeNull();
});

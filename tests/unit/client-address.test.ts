import type { IncomingMessage } from 'node:http';
import { expect, it } from 'vitest';
import { createClientAddress } from '../../src/lib/http/client-address.js';

/** A request from 10.0.0.9, by way of proxies that say it came from 192.0.2.1 and then 10.0.0.1. */
const req = {
  socket: { remoteAddress: '10.0.0.9' },
  headers: { 'x-forwarded-for': '203.0.113.7, 192.0.2.1, 10.0.0.1' },
} as unknown as IncomingMessage;

it.each([
  [false, '10.0.0.9'],
  [0, '10.0.0.9'],
  [1, '10.0.0.1'],
  [2, '192.0.2.1'],
  ['10.0.0.0/8', '192.0.2.1'],
  ['10.0.0.9', '10.0.0.1'],
  ['10.0.0.9,10.0.0.1', '192.0.2.1'],
  [true, '203.0.113.7'],
])('with TRUST_PROXY %j a request comes from %s', (trustProxy, address) => {
  expect(createClientAddress(trustProxy)(req)).toBe(address);
});

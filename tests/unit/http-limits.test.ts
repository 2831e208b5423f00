import { expect, it } from 'vitest';
import { createHttpServer, HTTP_LIMITS } from '../../src/lib/http/server/create-server.js';

// Other tests shorten or lengthen these limits.

it('a request has to arrive within ten seconds, headers and body, which is checked every second', () => {
  expect(HTTP_LIMITS.requestTimeoutMs).toBeLessThanOrEqual(10_000);
  expect(HTTP_LIMITS.checkIntervalMs).toBeLessThanOrEqual(1_000);
});

it('a client has to accept something of a response within half a minute', () => {
  expect(HTTP_LIMITS.stallTimeoutMs).toBeLessThanOrEqual(30_000);
});

it('an idle connection is kept for longer than load balancers keep it, and no longer than that needs', () => {
  expect(HTTP_LIMITS.keepAliveMs).toBeGreaterThan(60_000);
  expect(HTTP_LIMITS.keepAliveMs).toBeLessThanOrEqual(75_000);
});

it('a stop waits ten seconds for responses, and one second for clients', () => {
  expect(HTTP_LIMITS.drainTimeoutMs).toBeLessThanOrEqual(10_000);
  expect(HTTP_LIMITS.closeTimeoutMs).toBeLessThanOrEqual(1_000);
});

it('a server has the limits that it is given', () => {
  const server = createHttpServer(() => undefined, { limits: HTTP_LIMITS, acceptsUpgrade: () => false });
  expect(server).toMatchObject({
    headersTimeout: HTTP_LIMITS.requestTimeoutMs,
    requestTimeout: HTTP_LIMITS.requestTimeoutMs,
    keepAliveTimeout: HTTP_LIMITS.keepAliveMs,
    timeout: HTTP_LIMITS.stallTimeoutMs,
  });
});

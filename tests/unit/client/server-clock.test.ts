import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createServerClock } from '../../../src/client/server-clock.js';

const START = Date.parse('2030-01-01T00:00:00Z');
const iso = (ms: number) => new Date(ms).toISOString();

it('is the local clock before the first sample', () => {
  const clock = createServerClock(() => START);
  expect([clock.now(), clock.accuracy()]).toEqual([START, Infinity]);
});

it('errs by at most its stated accuracy, for any two latencies of request and response', () => {
  const latencyMs = fc.integer({ min: 0, max: 3_000 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(latencyMs, latencyMs), { minLength: 1 }),
      fc.integer({ min: -1e9, max: 1e9 }),
      (roundTrips, aheadMs) => {
        let now = START;
        const clock = createServerClock(() => now);
        for (const [requestMs, responseMs] of roundTrips) {
          const sentAt = now;
          const serverTime = iso(now + requestMs + aheadMs);
          now += requestMs + responseMs;
          clock.addSample(serverTime, sentAt);
          expect(Math.abs(clock.now() - (now + aheadMs))).toBeLessThanOrEqual(clock.accuracy());
        }
        const shortestMs = Math.min(...roundTrips.map(([requestMs, responseMs]) => requestMs + responseMs));
        const elapsedMs = now - START;
        expect(clock.accuracy()).toBeLessThanOrEqual(shortestMs / 2 + 1 + elapsedMs * 0.0001);
      },
    ),
  );
});

it('states a larger error the older the sample is', () => {
  let now = START;
  const clock = createServerClock(() => now);
  clock.addSample(iso(START), START);
  const first = clock.accuracy();
  now += 3_600_000;
  expect(clock.accuracy()).toBeCloseTo(first + 360);
});

it('prefers a slow response to the older sample after the local clock was adjusted', () => {
  let now = START;
  const clock = createServerClock(() => now);
  clock.addSample(iso(START), START);
  const serverNow = START + 2_000;
  // The local clock is set an hour ahead.
  now = START + 2_000 + 3_600_000;
  clock.addSample(iso(serverNow - 400), now - 800);
  expect(Math.abs(clock.now() - serverNow)).toBeLessThanOrEqual(clock.accuracy());
});

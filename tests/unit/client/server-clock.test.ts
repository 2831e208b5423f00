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
  const latency = fc.integer({ min: 0, max: 3_000 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(latency, latency), { minLength: 1 }),
      fc.integer({ min: -1e9, max: 1e9 }),
      (trips, ahead) => {
        let now = START;
        const clock = createServerClock(() => now);
        for (const [there, back] of trips) {
          const sentAt = now;
          const serverTime = iso(now + there + ahead);
          now += there + back;
          clock.addSample(serverTime, sentAt);
          expect(Math.abs(clock.now() - (now + ahead))).toBeLessThanOrEqual(clock.accuracy());
        }
        const quickest = Math.min(...trips.map(([there, back]) => there + back));
        const lasted = now - START;
        expect(clock.accuracy()).toBeLessThanOrEqual(quickest / 2 + 1 + lasted * 0.0001);
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

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createServerClock } from '../../../src/client/server-clock.js';

const START = Date.parse('2030-01-01T00:00:00Z');
const iso = (ms: number) => new Date(ms).toISOString();

it('is this machine’s clock as long as nothing was heard', () => {
  const clock = createServerClock(() => START);
  expect([clock.now(), clock.accuracy()]).toEqual([START, Infinity]);
});

it('is never further off than it says, however unevenly the way there and back take their time', () => {
  const leg = fc.integer({ min: 0, max: 3_000 });
  fc.assert(
    fc.property(fc.array(fc.tuple(leg, leg), { minLength: 1 }), fc.integer({ min: -1e9, max: 1e9 }), (trips, ahead) => {
      let now = START;
      const clock = createServerClock(() => now);
      for (const [there, back] of trips) {
        const askedAt = now;
        const serverTime = iso(now + there + ahead);
        now += there + back;
        clock.heard(serverTime, askedAt);
        expect(Math.abs(clock.now() - (now + ahead))).toBeLessThanOrEqual(clock.accuracy());
      }
      const quickest = Math.min(...trips.map(([there, back]) => there + back));
      const lasted = now - START;
      expect(clock.accuracy()).toBeLessThanOrEqual(quickest / 2 + 1 + lasted * 0.0001);
    }),
  );
});

it('is less sure the longer nothing was heard', () => {
  let now = START;
  const clock = createServerClock(() => now);
  clock.heard(iso(START), START);
  const first = clock.accuracy();
  now += 3_600_000;
  expect(clock.accuracy()).toBeCloseTo(first + 360);
});

it('believes a slow answer over what it knew when this machine’s clock was set meanwhile', () => {
  let now = START;
  const clock = createServerClock(() => now);
  clock.heard(iso(START), START);
  const serverNow = START + 2_000;
  // Somebody sets this machine's clock an hour ahead.
  now = START + 2_000 + 3_600_000;
  clock.heard(iso(serverNow - 400), now - 800);
  expect(Math.abs(clock.now() - serverNow)).toBeLessThanOrEqual(clock.accuracy());
});

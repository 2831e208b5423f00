import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createFailureDelays } from '../../src/lib/auth/failure-delays.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const HOUR_MS = 3_600_000;

const open = (options: object = {}) =>
  createFailureDelays({ freeFailures: 3, forgiveMs: HOUR_MS, maxDelayMs: 60_000, maxKeys: 10, ...options });

/** Fails as often as that, each time at the end of the delay; returns the delays in seconds. */
function failRepeatedly(delays: ReturnType<typeof open>, key: string, times: number): number[] {
  return Array.from({ length: times }, () => {
    vi.advanceTimersByTime(delays.leftMs(key));
    delays.fail(key);
    return Math.round(delays.leftMs(key) / 1000);
  });
}

it('delays a key from its third failure on, twice as long each time up to a minute', () => {
  const delays = open();
  expect(delays.leftMs('a')).toBe(0);
  expect(failRepeatedly(delays, 'a', 11)).toEqual([0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
  expect(delays.leftMs('b')).toBe(0);
  vi.advanceTimersByTime(60_000);
  expect(delays.leftMs('a')).toBe(0);
});

it('counts anew after success', () => {
  const delays = open();
  failRepeatedly(delays, 'a', 6);
  delays.clear('a');
  expect(failRepeatedly(delays, 'a', 3)).toEqual([0, 0, 1]);
});

it('forgives one failure in each period, and one that is taken back', () => {
  const delays = open();
  failRepeatedly(delays, 'a', 4);
  vi.advanceTimersByTime(2 * HOUR_MS);
  expect(failRepeatedly(delays, 'a', 2)).toEqual([1, 2]);
  delays.forgive('a');
  expect(delays.leftMs('a')).toBe(0);
  expect(failRepeatedly(delays, 'a', 1)).toEqual([2]);
  vi.advanceTimersByTime(100 * HOUR_MS);
  expect(failRepeatedly(delays, 'a', 2)).toEqual([0, 0]);
});

it('begins the delay of the last failure anew', () => {
  const delays = open();
  failRepeatedly(delays, 'a', 5);
  vi.advanceTimersByTime(3_000);
  expect(delays.leftMs('a')).toBe(1_000);
  delays.restart('a');
  expect(delays.leftMs('a')).toBe(4_000);
  delays.restart('b');
  expect(delays.leftMs('b')).toBe(0);
});

it('keeps so many keys, and removes those that have not failed for longest', () => {
  const delays = open();
  failRepeatedly(delays, 'first', 3);
  failRepeatedly(delays, 'second', 3);
  delays.fail('first');
  for (let key = 0; key < 9; key += 1) delays.fail(`key ${key}`);
  expect(delays.leftMs('first')).toBeGreaterThan(0);
  expect(delays.leftMs('second')).toBe(0);
});

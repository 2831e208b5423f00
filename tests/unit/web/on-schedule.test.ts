import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { onSchedule } from '../../../web/src/live/on-schedule.js';

const START = Date.parse('2030-01-01T00:00:00.000Z');
const HOUR_MS = 3_600_000;
const schedule = { dropStartsAt: new Date(START).toISOString(), dropEndsAt: new Date(START + HOUR_MS).toISOString() };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Records when the listener is called, by the clock of the server. */
function record(offsetMs: () => number, from: number): number[] {
  vi.setSystemTime(from - offsetMs());
  const calls: number[] = [];
  const now = () => Date.now() + offsetMs();
  onSchedule(schedule, now, () => calls.push(now()));
  return calls;
}

describe('onSchedule', () => {
  it.each([1, 99, 1_234, 40 * 24 * HOUR_MS])(
    'notifies at the start and at the end, from %i ms before the start',
    (ms) => {
      const calls = record(() => 0, START - ms);
      vi.advanceTimersByTime(ms - 1);
      expect(calls).toEqual([]);
      vi.advanceTimersByTime(HOUR_MS + 1);
      expect(calls).toEqual([START, START + HOUR_MS]);
    },
  );

  it('is at most 100 ms late when the clock is put forward', () => {
    let offsetMs = 0;
    const calls = record(() => offsetMs, START - 60_000);
    vi.advanceTimersByTime(58_500);
    offsetMs = 1_400;
    vi.advanceTimersByTime(200);
    expect(calls).toHaveLength(1);
    expect((calls[0] ?? 0) - START).toBeLessThanOrEqual(100);
  });

  it('waits when the clock is put back, and notifies once', () => {
    let offsetMs = 0;
    const calls = record(() => offsetMs, START - 1_000);
    vi.advanceTimersByTime(900);
    offsetMs = -5_000;
    vi.advanceTimersByTime(5_099);
    expect(calls).toEqual([]);
    vi.advanceTimersByTime(2);
    expect(calls).toEqual([START]);
  });

  it('stops, and sets no timer when nothing is to come', () => {
    vi.setSystemTime(START - 1_000);
    const listener = vi.fn();
    onSchedule(schedule, Date.now, listener)();
    onSchedule({ ...schedule, dropEndsAt: null }, () => START, listener);
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(2_000);
    expect(listener).not.toHaveBeenCalled();
  });
});

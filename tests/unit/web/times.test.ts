import { describe, expect, it } from 'vitest';
import type { Reservation } from '../../../web/src/api/client.js';
import { remaining } from '../../../web/src/holds/use-holds.js';
import { ago, countdown, inWords } from '../../../web/src/ui/times.js';

const HOUR_MS = 3_600_000;

describe('countdown', () => {
  it.each([
    [59_001, '1:00'],
    [59_000, '0:59'],
    [1, '0:01'],
    [0, '0:00'],
    [-5_000, '0:00'],
    [12 * 60_000 + 30_000, '12:30'],
    [3 * HOUR_MS + 5 * 60_000, '3:05:00'],
    [52 * HOUR_MS, '2 d 04:00:00'],
  ])('shows %i ms as %s', (ms, text) => {
    expect(countdown(ms)).toBe(text);
  });
});

describe('inWords', () => {
  it.each([
    [59_400, '1 minute'],
    [45_000, '45 seconds'],
    [1_000, '1 second'],
    [0, '0 seconds'],
    [10 * 60_000, '10 minutes'],
    [89_700, '1 minute 30 seconds'],
    [HOUR_MS + 5 * 60_000 + 7_000, '1 hour 5 minutes'],
    [HOUR_MS + 7_000, '1 hour'],
    [24 * HOUR_MS, '1 day'],
  ])('shows %i ms as %s', (ms, text) => {
    expect(inWords(ms)).toBe(text);
  });
});

describe('ago', () => {
  it.each([
    [-3_000, 'just now'],
    [59_999, 'just now'],
    [60_000, '1 min ago'],
    [HOUR_MS, '1 h ago'],
    [49 * HOUR_MS, '2 d ago'],
  ])('shows %i ms as %s', (ms, text) => {
    expect(ago(ms)).toBe(text);
  });
});

describe('the remaining time of a reservation', () => {
  const hold = {
    createdAt: '2030-01-01T00:00:00.000Z',
    expiresAt: '2030-01-01T00:01:00.000Z',
  } as Reservation;
  const at = (time: string) => remaining(hold, Date.parse(time));

  it('is between the whole time and zero', () => {
    expect(at('2030-01-01T00:00:30.000Z')).toEqual({ left: 30_000, fraction: 0.5 });
    expect(at('2029-12-31T23:59:59.000Z')).toEqual({ left: 60_000, fraction: 1 });
    expect(at('2030-01-01T00:02:00.000Z')).toEqual({ left: 0, fraction: 0 });
  });
});

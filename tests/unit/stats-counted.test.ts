import { expect, it } from 'vitest';
import { countedSince, type Tally } from '../../src/realtime/stats/process-counters.js';

function tally(process: string, counts: Partial<Tally> = {}): Tally {
  return {
    process,
    connections: 0,
    reservations: 0,
    purchases: 0,
    releases: 0,
    expiries: 0,
    refusals: {},
    ...counts,
  };
}

const NOTHING = { reservations: 0, purchases: 0, releases: 0, expiries: 0, refusals: {} };

it('counts what was added since, of all processes together', () => {
  const before = [
    tally('a', { reservations: 10, purchases: 5, refusals: { 'sold-out': 100 } }),
    tally('b', { reservations: 1, expiries: 4, releases: 2 }),
  ];
  const now = [
    tally('b', { reservations: 3, expiries: 5, releases: 2, refusals: { 'sold-out': 7, overloaded: 1 } }),
    tally('a', { reservations: 14, purchases: 6, refusals: { 'sold-out': 130 } }),
  ];
  expect(countedSince(before, now)).toEqual({
    reservations: 6,
    purchases: 1,
    releases: 0,
    expiries: 1,
    refusals: { 'sold-out': 37, overloaded: 1 },
  });
});

it('of a process that is new, nothing of what it had counted before', () => {
  const now = [tally('a', { reservations: 1000, refusals: { 'sold-out': 5 } })];
  expect(countedSince([], now)).toEqual(NOTHING);
  const later = [tally('a', { reservations: 1001, refusals: { 'sold-out': 5 } })];
  expect(countedSince(now, later)).toEqual({ ...NOTHING, reservations: 1 });
});

it('of a process that has gone, nothing', () => {
  const before = [tally('a', { reservations: 5 }), tally('b', { reservations: 7 })];
  expect(countedSince(before, [tally('b', { reservations: 8 })])).toEqual({ ...NOTHING, reservations: 1 });
});

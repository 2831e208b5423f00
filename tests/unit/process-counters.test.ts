import { expect, it } from 'vitest';
import { sumIncreases, type ProcessCounters } from '../../src/realtime/stats/process-counters.js';

function counters(process: string, counts: Partial<ProcessCounters> = {}): ProcessCounters {
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

const NO_INCREASE = { reservations: 0, purchases: 0, releases: 0, expiries: 0, refusals: {} };

it('the increases of all processes are added', () => {
  const before = [
    counters('a', { reservations: 10, purchases: 5, refusals: { 'sold-out': 100 } }),
    counters('b', { reservations: 1, expiries: 4, releases: 2 }),
  ];
  const after = [
    counters('b', { reservations: 3, expiries: 5, releases: 2, refusals: { 'sold-out': 7, overloaded: 1 } }),
    counters('a', { reservations: 14, purchases: 6, refusals: { 'sold-out': 130 } }),
  ];
  expect(sumIncreases(before, after)).toEqual({
    reservations: 6,
    purchases: 1,
    releases: 0,
    expiries: 1,
    refusals: { 'sold-out': 37, overloaded: 1 },
  });
});

it('a new process counts from its first counters on', () => {
  const after = [counters('a', { reservations: 1000, refusals: { 'sold-out': 5 } })];
  expect(sumIncreases([], after)).toEqual(NO_INCREASE);
  const later = [counters('a', { reservations: 1001, refusals: { 'sold-out': 5 } })];
  expect(sumIncreases(after, later)).toEqual({ ...NO_INCREASE, reservations: 1 });
});

it('a process that has ended is ignored', () => {
  const before = [counters('a', { reservations: 5 }), counters('b', { reservations: 7 })];
  expect(sumIncreases(before, [counters('b', { reservations: 8 })])).toEqual({ ...NO_INCREASE, reservations: 1 });
});

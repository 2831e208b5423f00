import { describe, expect, it } from 'vitest';
import type { Reservation } from '../../../web/src/api/client.js';
import { vanishedHolds } from '../../../web/src/holds/hold-records.js';
import { stageOf } from '../../../web/src/holds/last-seconds/stage.js';

describe('the stage of a hold', () => {
  it.each([
    [60_000, 'calm'],
    [30_001, 'calm'],
    [30_000, 'soon'],
    [10_001, 'soon'],
    [10_000, 'last'],
    [0, 'last'],
  ])('with %i ms left is %s', (left, stage) => {
    expect(stageOf(left)).toBe(stage);
  });
});

describe('vanishedHolds', () => {
  const hold = (id: string) => ({ id }) as Reservation;

  it('are those that left the list without a known end', () => {
    const before = ['bought', 'cancelled', 'kept'].map(hold);
    expect(vanishedHolds(before, [hold('kept'), hold('new')], new Set(['bought']))).toEqual([hold('cancelled')]);
    expect(vanishedHolds([], [hold('new')], new Set())).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { stateAt } from '../../../web/src/live/state-at.js';
import { DROP as drop } from '../../helpers/drop.js';

const START = '2030-01-01T00:00:00.000Z';
const END = '2030-01-01T01:00:00.000Z';
const at = (time: string) => Date.parse(time);

describe('stateAt', () => {
  const scheduled = { ...drop, status: 'scheduled' as const, dropStartsAt: START, dropEndsAt: END };

  it('opens a scheduled drop at its start, and not before', () => {
    expect(stateAt(scheduled, at(START) - 1)).toBe('scheduled');
    expect(stateAt(scheduled, at(START))).toBe('live');
    expect(stateAt({ ...scheduled, availableStock: 0 }, at(START))).toBe('sold_out');
  });

  it.each(['scheduled', 'live', 'sold_out', 'paused'] as const)('ends a drop that is %s at its end', (status) => {
    expect(stateAt({ ...scheduled, status }, at(END))).toBe('ended');
    expect(stateAt({ ...scheduled, status, dropEndsAt: null }, at(END))).not.toBe('ended');
  });

  it.each(['paused', 'cancelled', 'ended'] as const)('keeps a drop that is %s at its start', (status) => {
    expect(stateAt({ ...scheduled, status }, at(START))).toBe(status);
  });
});

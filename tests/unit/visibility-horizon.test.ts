import { describe, expect, it } from 'vitest';
import { createVisibilityHorizon, type Poll } from '../../src/realtime/ledger-poller/visibility-horizon.js';

const poll = (second: number, ...open: string[]): Poll => ({ time: new Date(second * 1000), open, at: second });
const secondsOf = (time: Date) => time.getTime() / 1000;

describe('the start of the next poll', () => {
  it('is the poll before the last while all transactions are short', () => {
    const horizon = createVisibilityHorizon(poll(1));
    horizon.record(poll(2, 'short'));
    expect(secondsOf(horizon.unseenSince(poll(3, 'another')))).toBe(1);
    horizon.record(poll(3, 'another'));
    expect(secondsOf(horizon.unseenSince(poll(4)))).toBe(1);
    horizon.record(poll(4));
    horizon.record(poll(5));
    expect(secondsOf(horizon.unseenSince(poll(6)))).toBe(4);
  });

  it('is before the start of a long transaction that has just ended', () => {
    const horizon = createVisibilityHorizon(poll(1));
    horizon.record(poll(2));
    for (let second = 3; second < 60; second += 1) horizon.record(poll(second, 'long'));
    expect(secondsOf(horizon.unseenSince(poll(60, 'long'))), 'it is still open').toBe(58);
    expect(secondsOf(horizon.unseenSince(poll(60))), 'it has ended').toBe(2);
    horizon.record(poll(60));
    expect(secondsOf(horizon.unseenSince(poll(61))), 'it may have ended during the last poll').toBe(2);
    horizon.record(poll(61));
    expect(secondsOf(horizon.unseenSince(poll(62)))).toBe(60);
  });

  it('is before the oldest of several transactions that ended together', () => {
    const horizon = createVisibilityHorizon(poll(1));
    horizon.record(poll(2, 'a'));
    horizon.record(poll(3, 'a', 'b'));
    horizon.record(poll(4, 'a', 'b', 'c'));
    horizon.record(poll(5, 'a', 'b', 'c'));
    expect(secondsOf(horizon.unseenSince(poll(6, 'a', 'c')))).toBe(2);
    expect(secondsOf(horizon.unseenSince(poll(6, 'c')))).toBe(1);
  });

  it('is one hour back for a transaction that was open at the first poll', () => {
    const horizon = createVisibilityHorizon(poll(10_000, 'old'));
    horizon.record(poll(10_001, 'old'));
    expect(secondsOf(horizon.unseenSince(poll(10_002)))).toBe(6_400);
  });
});

describe('the visibility horizon', () => {
  it('is two polls back while all transactions are short', () => {
    const horizon = createVisibilityHorizon(poll(1));
    for (let second = 2; second < 100; second += 1) horizon.record(poll(second));
    expect(horizon.at).toBe(98);
  });

  it('is before the oldest open transaction', () => {
    const horizon = createVisibilityHorizon(poll(1));
    for (let second = 2; second < 100; second += 1) horizon.record(poll(second, 'long'));
    expect(horizon.at).toBe(1);
  });
});

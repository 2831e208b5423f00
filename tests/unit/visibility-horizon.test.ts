import { describe, expect, it } from 'vitest';
import { createLooks, type Look } from '../../src/realtime/ledger-poller/visibility-horizon.js';

const look = (second: number, ...open: string[]): Look => ({ time: new Date(second * 1000), open, at: second });
const secondsOf = (time: Date) => time.getTime() / 1000;

describe('how far back a look reaches', () => {
  it('is to the look before the last, when every transaction is short', () => {
    const looks = createLooks(look(1));
    looks.add(look(2, 'short'));
    expect(secondsOf(looks.unseenSince(look(3, 'another')))).toBe(1);
    looks.add(look(3, 'another'));
    expect(secondsOf(looks.unseenSince(look(4)))).toBe(1);
    looks.add(look(4));
    looks.add(look(5));
    expect(secondsOf(looks.unseenSince(look(6)))).toBe(4);
  });

  it('is to before a transaction began that has just ended', () => {
    const looks = createLooks(look(1));
    looks.add(look(2));
    for (let second = 3; second < 60; second += 1) looks.add(look(second, 'long'));
    expect(secondsOf(looks.unseenSince(look(60, 'long'))), 'it is still open').toBe(58);
    expect(secondsOf(looks.unseenSince(look(60))), 'it has ended').toBe(2);
    looks.add(look(60));
    expect(secondsOf(looks.unseenSince(look(61))), 'it may have ended while the last look was reading').toBe(2);
    looks.add(look(61));
    expect(secondsOf(looks.unseenSince(look(62)))).toBe(60);
  });

  it('is to the oldest of several that ended at once', () => {
    const looks = createLooks(look(1));
    looks.add(look(2, 'a'));
    looks.add(look(3, 'a', 'b'));
    looks.add(look(4, 'a', 'b', 'c'));
    looks.add(look(5, 'a', 'b', 'c'));
    expect(secondsOf(looks.unseenSince(look(6, 'a', 'c')))).toBe(2);
    expect(secondsOf(looks.unseenSince(look(6, 'c')))).toBe(1);
  });

  it('is an hour, to one that was open at the first look', () => {
    const looks = createLooks(look(10_000, 'old'));
    looks.add(look(10_001, 'old'));
    expect(secondsOf(looks.unseenSince(look(10_002)))).toBe(6_400);
  });
});

describe('what is remembered', () => {
  it('reaches back two looks, while nobody leaves a transaction open', () => {
    const looks = createLooks(look(1));
    for (let second = 2; second < 100; second += 1) looks.add(look(second));
    expect(looks.reachesBackTo).toBe(98);
  });

  it('reaches back to before the oldest open transaction', () => {
    const looks = createLooks(look(1));
    for (let second = 2; second < 100; second += 1) looks.add(look(second, 'long'));
    expect(looks.reachesBackTo).toBe(1);
  });
});

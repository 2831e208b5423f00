import { describe, expect, it } from 'vitest';
import { createLooks, type Look } from '../../src/realtime/looks.js';

const look = (second: number, snapshot: string): Look => ({
  time: new Date(second * 1000),
  snapshot,
  at: second,
});
const secondsOf = (time: Date) => time.getTime() / 1000;

describe('how far back a look reaches', () => {
  it('is to the last one, when every transaction is short', () => {
    const looks = createLooks(look(1, '10:10:'));
    expect(secondsOf(looks.unseenSince(look(2, '14:14:')))).toBe(1);
    looks.add(look(2, '14:14:'));
    expect(secondsOf(looks.unseenSince(look(3, '14:14:')))).toBe(2);
  });

  it('is to before a transaction began that has just ended, and once only', () => {
    const looks = createLooks(look(1, '10:10:'));
    looks.add(look(2, '10:15:10,12'));
    for (let second = 3; second < 60; second += 1) looks.add(look(second, `10:${second * 10}:10`));
    expect(secondsOf(looks.unseenSince(look(60, '10:600:10'))), 'it is still open').toBe(59);
    expect(secondsOf(looks.unseenSince(look(60, '600:600:'))), 'it has ended').toBe(1);
    looks.add(look(60, '600:600:'));
    expect(secondsOf(looks.unseenSince(look(61, '610:610:')))).toBe(60);
  });

  it('is to the oldest of several that ended at once', () => {
    const looks = createLooks(look(1, '10:10:'));
    looks.add(look(2, '10:20:10'));
    looks.add(look(3, '10:30:10,25'));
    looks.add(look(4, '10:40:10,25,38'));
    expect(secondsOf(looks.unseenSince(look(5, '10:50:10,38')))).toBe(2);
    expect(secondsOf(looks.unseenSince(look(5, '10:50:10,25')))).toBe(3);
  });

  it('holds across numbers of any size', () => {
    const looks = createLooks(look(1, '18446744073709551000:18446744073709551000:'));
    looks.add(look(2, '18446744073709551000:18446744073709551010:18446744073709551000'));
    expect(secondsOf(looks.unseenSince(look(3, '18446744073709551010:18446744073709551010:')))).toBe(1);
  });
});

describe('what is remembered', () => {
  it('is one look, while nobody leaves a transaction open', () => {
    const looks = createLooks(look(1, '10:10:'));
    for (let second = 2; second < 100; second += 1) looks.add(look(second, `${second * 10}:${second * 10}:`));
    expect(looks.reachesBackTo).toBe(99);
  });

  it('reaches back to before the oldest open transaction', () => {
    const looks = createLooks(look(1, '10:10:'));
    for (let second = 2; second < 100; second += 1) looks.add(look(second, `15:${second * 10}:15`));
    expect(looks.reachesBackTo).toBe(1);
  });
});

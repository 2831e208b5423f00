import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createTokenBucket } from '../../src/lib/token-bucket.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

it('gives as many tokens as it holds, and regains them by time up to its capacity', () => {
  const bucket = createTokenBucket(10, 2);
  expect(bucket.take(8)).toBe(true);
  expect(bucket.take(3)).toBe(false);
  expect(bucket.take(2)).toBe(true);
  expect(bucket.take()).toBe(false);
  vi.advanceTimersByTime(1_500);
  expect(bucket.take(3)).toBe(true);
  expect(bucket.isFull()).toBe(false);
  vi.advanceTimersByTime(60_000);
  expect(bucket.isFull()).toBe(true);
  expect(bucket.take(11)).toBe(false);
});

it('regains what it was charged beyond its tokens, its capacity at most', () => {
  const bucket = createTokenBucket(10, 2);
  bucket.charge(12);
  vi.advanceTimersByTime(1_000);
  expect(bucket.take()).toBe(false);
  vi.advanceTimersByTime(500);
  expect(bucket.take()).toBe(true);
  bucket.charge(1_000);
  vi.advanceTimersByTime(5_500);
  expect(bucket.take()).toBe(true);
});

it('of infinite capacity never refuses', () => {
  const bucket = createTokenBucket(Infinity, Infinity);
  bucket.charge(Infinity);
  expect([bucket.take(1e9), bucket.isFull()]).toEqual([true, true]);
});

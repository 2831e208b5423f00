import { expect, it } from 'vitest';
import { timeOrderedId } from '../../src/lib/time-ordered-id.js';

it('an id is a UUID of version 7 that contains the time', () => {
  const before = Date.now();
  const id = timeOrderedId();
  expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  const time = parseInt(id.replace('-', '').slice(0, 12), 16);
  expect(time).toBeGreaterThanOrEqual(before);
  expect(time).toBeLessThanOrEqual(Date.now());
});

it('no id occurs twice', () => {
  expect(new Set(Array.from({ length: 10_000 }, timeOrderedId)).size).toBe(10_000);
});

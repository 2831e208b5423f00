import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { TokenSubject } from '../../src/lib/auth/authenticate.js';
import { createRefusedTokens } from '../../src/lib/auth/refused-tokens.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function subject(id = randomUUID(), token: Partial<TokenSubject['token']> = {}): TokenSubject {
  return { id, token: { id: randomUUID(), version: 0, expiresAt: 0, ...token } };
}

it('repeats a refusal for a while, and then only remembers that there was one', () => {
  const tokens = createRefusedTokens({ maxAgeMs: 5_000 });
  const refused = subject();
  tokens.record(refused, 'disabled');
  vi.advanceTimersByTime(4_999);
  expect([tokens.refusalOf(refused), tokens.has(refused)]).toEqual(['disabled', true]);
  vi.advanceTimersByTime(1);
  expect([tokens.refusalOf(refused), tokens.has(refused)]).toEqual([null, true]);
});

it('does not repeat it for longer because it is used', () => {
  const tokens = createRefusedTokens({ maxAgeMs: 5_000 });
  const refused = subject();
  tokens.record(refused, 'deleted');
  for (let second = 0; second < 5; second += 1) {
    expect(tokens.refusalOf(refused)).toBe('deleted');
    vi.advanceTimersByTime(1_000);
  }
  expect(tokens.refusalOf(refused)).toBeNull();
});

it('has nothing of a token that was found valid', () => {
  const tokens = createRefusedTokens();
  const token = subject();
  expect([tokens.refusalOf(token), tokens.has(token)]).toEqual([null, false]);
  tokens.record(token, 'signed-out');
  tokens.record(token, null);
  expect([tokens.refusalOf(token), tokens.has(token)]).toEqual([null, false]);
});

it('tells the tokens of one account apart: by their ids, and without an id by their version', () => {
  const tokens = createRefusedTokens();
  const [id, old] = [randomUUID(), { id: null, version: 3 }];
  tokens.record(subject(id), 'signed-out');
  expect(tokens.has(subject(id))).toBe(false);
  tokens.record(subject(id, old), 'signed-out');
  expect(tokens.has(subject(id, old))).toBe(true);
  expect(tokens.has(subject(id, { ...old, version: 4 }))).toBe(false);
  expect(tokens.has(subject(undefined, old))).toBe(false);
});

it('is bounded: those are removed that were not used for longest', () => {
  const tokens = createRefusedTokens({ maxTokens: 3 });
  const [first, second, third, fourth] = [subject(), subject(), subject(), subject()];
  for (const each of [first, second, third]) tokens.record(each, 'deleted');
  tokens.refusalOf(first);
  tokens.record(fourth, 'deleted');
  expect([first, second, third, fourth].map(tokens.has)).toEqual([true, false, true, true]);
});

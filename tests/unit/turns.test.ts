import fc from 'fast-check';
import { setImmediate as tick } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { OverloadedError } from '../../src/lib/errors/index.js';
import { createTurns, type TurnLimits } from '../../src/lib/stock/turns.js';

/** Turns whose work ends when the test says so; `began` lists who had a turn, in order. */
function observe(limits: TurnLimits) {
  const turns = createTurns(limits);
  const began: string[] = [];
  const running: (() => void)[] = [];
  return {
    began,
    come: (key: string, name: string, options: { signal?: AbortSignal; urgent?: boolean } = {}) =>
      turns.take(
        key,
        () => {
          began.push(name);
          return new Promise<string>((resolve) => running.push(() => resolve(name)));
        },
        options,
      ),
    async endOne() {
      running.shift()?.();
      await tick();
    },
    running: () => running.length,
  };
}

test('a key takes no more than its share of the turns, so that one that is stuck stops no other', async () => {
  const turns = observe({ maxRunning: 4, maxRunningPerKey: 2 });
  const stuck = ['a1', 'a2', 'a3', 'a4', 'a5'].map((name) => turns.come('a', name));
  const other = turns.come('b', 'b1');
  await tick();
  expect(turns.began).toEqual(['a1', 'a2', 'b1']);

  while (turns.running() > 0) await turns.endOne();
  expect(await Promise.all([...stuck, other])).toEqual(['a1', 'a2', 'a3', 'a4', 'a5', 'b1']);
});

test('who is urgent goes first, and is let in however many wait', async () => {
  const turns = observe({ maxRunning: 1, maxWaiting: 2 });
  const crowd = ['first', 'second', 'third'].map((name) => turns.come('a', name));
  await expect(turns.come('a', 'one too many')).rejects.toThrow(OverloadedError);
  const owner = turns.come('a', 'owner', { urgent: true });

  while (turns.running() > 0) await turns.endOne();
  await Promise.all([...crowd, owner]);
  expect(turns.began).toEqual(['first', 'owner', 'second', 'third']);
});

test('who goes away while waiting makes room, and has no turn', async () => {
  const turns = observe({ maxRunning: 1, maxWaiting: 1 });
  const first = turns.come('a', 'first');
  const gone = new AbortController();
  const second = turns.come('a', 'second', { signal: gone.signal });
  gone.abort();
  await expect(second).rejects.toBe(gone.signal.reason);
  const third = turns.come('a', 'third');

  while (turns.running() > 0) await turns.endOne();
  expect(await Promise.all([first, third])).toEqual(['first', 'third']);
  expect(turns.began).toEqual(['first', 'third']);
});

test('who goes away once its turn has begun is finished all the same', async () => {
  const turns = observe({ maxRunning: 1 });
  const gone = new AbortController();
  const taken = turns.come('a', 'taken', { signal: gone.signal });
  await tick();
  gone.abort();
  await turns.endOne();
  expect(await taken).toBe('taken');
});

test('who waits too long is told so', async () => {
  const turns = observe({ maxRunning: 1, turnTimeout: 20 });
  const first = turns.come('a', 'first');
  await expect(turns.come('a', 'late')).rejects.toThrow(OverloadedError);
  await turns.endOne();
  await first;
  expect(turns.began).toEqual(['first']);
});

test('everybody has one turn, in order of arrival for each key, within the limits', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 40 }),
      fc.integer({ min: 1, max: 5 }),
      async (keys, maxRunning) => {
        const turns = observe({ maxRunning });
        const names = keys.map((key, index) => `${key}${index}`);
        const all = names.map((name) => turns.come(name.charAt(0), name));
        await tick();
        while (turns.running() > 0) {
          expect(turns.running()).toBeLessThanOrEqual(maxRunning);
          await turns.endOne();
        }
        expect(await Promise.all(all)).toEqual(names);
        for (const key of ['a', 'b', 'c']) {
          const ofKey = (list: string[]) => list.filter((name) => name.startsWith(key));
          expect(ofKey(turns.began)).toEqual(ofKey(names));
        }
      },
    ),
    { numRuns: 50 },
  );
});

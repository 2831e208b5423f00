import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTtlCache } from '../../src/lib/ttl-cache.js';

const MAX_AGE = 250;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});
const pass = (ms: number) => vi.advanceTimersByTime(ms);

/** Opens a cache whose reads the test completes. */
function openCache({ maxEntries = 10 } = {}) {
  const cache = createTtlCache<string>({ maxAgeMs: MAX_AGE, maxEntries });
  const reads: { end: (value: string) => void; fail: (error: Error) => void }[] = [];
  const get = (key = 'key') =>
    cache.get(key, () => new Promise((resolve, reject) => reads.push({ end: resolve, fail: reject })));
  /** Calls get() and completes the read that it starts, if any. */
  const getNow = async (value: string, key?: string) => {
    const before = reads.length;
    const answer = get(key);
    reads[before]?.end(value);
    return answer;
  };
  return { ...cache, reads, get, getNow };
}

/** Waits for all pending promise callbacks. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('a value', () => {
  it('is read once for concurrent calls', async () => {
    const { get, reads } = openCache();
    const answers = [get(), get(), get()];
    expect(reads).toHaveLength(1);
    reads[0]?.end('one');
    expect(await Promise.all(answers)).toEqual(['one', 'one', 'one']);
  });

  it('is cached for its time to live, counted from the start of its read', async () => {
    const { get, getNow, reads } = openCache();
    const first = get();
    pass(200);
    reads[0]?.end('first');
    expect(await first).toBe('first');
    pass(50);
    expect(await getNow('second')).toBe('first');
    pass(1);
    expect(await getNow('second')).toBe('second');
  });

  it('is cached per key', async () => {
    const { getNow } = openCache();
    expect([await getNow('a', 'one'), await getNow('b', 'other'), await getNow('c', 'one')]).toEqual(['a', 'b', 'a']);
  });

  it('is evicted when there are too many keys', async () => {
    const { getNow } = openCache({ maxEntries: 2 });
    for (const key of ['1', '2', '3']) await getNow('old', key);
    expect([await getNow('new', '3'), await getNow('new', '2'), await getNow('new', '1')]).toEqual([
      'old',
      'old',
      'new',
    ]);
  });

  it('whose read fails rejects all waiting calls and is not cached', async () => {
    const { get, getNow, reads } = openCache();
    const answers = Promise.allSettled([get(), get()]);
    reads[0]?.fail(new Error('away'));
    expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await getNow('again')).toBe('again');
  });
});

describe('after clear()', () => {
  it('cached values are read again', async () => {
    const { getNow, clear } = openCache();
    await getNow('before');
    clear();
    expect(await getNow('after')).toBe('after');
  });

  it('a running read serves earlier calls only', async () => {
    const { get, clear, reads } = openCache();
    const early = get();
    clear();
    const late = get();
    expect(reads).toHaveLength(2);
    reads[0]?.end('before');
    expect(await early).toBe('before');
    const later = get();
    reads[1]?.end('after');
    expect(await Promise.all([late, later])).toEqual(['after', 'after']);
    expect(reads).toHaveLength(2);
  });

  it('a call that joined a running read before clear() reads again', async () => {
    const { get, clear, reads } = openCache();
    const began = get();
    const joined = get();
    clear();
    reads[0]?.end('before');
    expect(await began).toBe('before');
    await settle();
    reads[1]?.end('after');
    expect(await joined).toBe('after');
  });
});

it('a read that exceeds the time to live serves only the call that started it; the others share a second read', async () => {
  const { get, reads } = openCache();
  const first = get();
  const others = [get(), get(), get()];
  pass(MAX_AGE + 1);
  reads[0]?.end('old');
  expect(await first).toBe('old');
  await settle();
  expect(reads).toHaveLength(2);
  pass(MAX_AGE + 1);
  reads[1]?.end('new');
  expect(await Promise.all(others)).toEqual(['new', 'new', 'new']);
});

describe('in any sequence of events', () => {
  type Step = { do: 'ask' | 'end' | 'change' } | { do: 'pass'; ms: number };
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom<Step>({ do: 'ask' }, { do: 'end' }) },
    { weight: 1, arbitrary: fc.constant<Step>({ do: 'change' }) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 200 }).map((ms): Step => ({ do: 'pass', ms })) },
  );

  /** Counts results that were older than get() promises. */
  async function countTooOld(steps: readonly Step[], clears: boolean): Promise<number> {
    interface Seen {
      readonly number: number;
      readonly at: number;
      readonly version: number;
    }
    const cache = createTtlCache<Seen>({ maxAgeMs: MAX_AGE, maxEntries: 10 });
    const readsUnderWay: (() => void)[] = [];
    let reads = 0;
    let version = 0;
    let tooOld = 0;
    const ask = async () => {
      const readsBefore = reads;
      const seen = await cache.get('key', () => {
        reads += 1;
        const now = { number: reads, at: performance.now(), version };
        return new Promise((resolve) => {
          readsUnderWay.push(() => {
            resolve(now);
          });
        });
      });
      const aged = seen.version !== version || performance.now() - seen.at > MAX_AGE;
      if (aged && seen.number <= readsBefore) tooOld += 1;
    };
    for (const next of steps) {
      if (next.do === 'ask') void ask();
      else if (next.do === 'end') readsUnderWay.shift()?.();
      else if (next.do === 'pass') pass(next.ms);
      else {
        version += 1;
        if (clears) cache.clear();
      }
      await settle();
    }
    return tooOld;
  }

  it('no call returns a value that was cleared or too old when the call was made', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => (await countTooOld(steps, true)) === 0),
    );
  });

  it('without clear(), some calls return a value that is too old', async () => {
    const result = await fc.check(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => (await countTooOld(steps, false)) === 0),
    );
    expect(result.failed).toBe(true);
  });
});

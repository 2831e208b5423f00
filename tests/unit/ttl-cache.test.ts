import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTtlCache } from '../../src/lib/ttl-cache.js';

const MAX_AGE_MS = 250;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});
const advance = (ms: number) => vi.advanceTimersByTime(ms);

/** Opens a cache whose reads the test completes. */
function openCache({ maxEntries = 10 } = {}) {
  const cache = createTtlCache<string>({ maxAgeMs: MAX_AGE_MS, maxEntries });
  const reads: { finish: (value: string) => void; fail: (error: Error) => void }[] = [];
  const get = (key = 'key') =>
    cache.get(key, () => new Promise((resolve, reject) => reads.push({ finish: resolve, fail: reject })));
  /** Calls get() and completes the read that it starts, if any. */
  const getCompleted = async (value: string, key?: string) => {
    const before = reads.length;
    const pending = get(key);
    reads[before]?.finish(value);
    return pending;
  };
  return { ...cache, reads, get, getCompleted };
}

/** Waits for all pending promise callbacks. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('a value', () => {
  it('is read once for concurrent calls', async () => {
    const { get, reads } = openCache();
    const values = [get(), get(), get()];
    expect(reads).toHaveLength(1);
    reads[0]?.finish('one');
    expect(await Promise.all(values)).toEqual(['one', 'one', 'one']);
  });

  it('is cached for its time to live, counted from the start of its read', async () => {
    const { get, getCompleted, reads } = openCache();
    const first = get();
    advance(200);
    reads[0]?.finish('first');
    expect(await first).toBe('first');
    advance(50);
    expect(await getCompleted('second')).toBe('first');
    advance(1);
    expect(await getCompleted('second')).toBe('second');
  });

  it('is cached per key', async () => {
    const { getCompleted } = openCache();
    expect([await getCompleted('a', 'one'), await getCompleted('b', 'other'), await getCompleted('c', 'one')]).toEqual([
      'a',
      'b',
      'a',
    ]);
  });

  it('is evicted when there are too many keys', async () => {
    const { getCompleted } = openCache({ maxEntries: 2 });
    for (const key of ['1', '2', '3']) await getCompleted('old', key);
    expect([await getCompleted('new', '3'), await getCompleted('new', '2'), await getCompleted('new', '1')]).toEqual([
      'old',
      'old',
      'new',
    ]);
  });

  it('whose read fails rejects all waiting calls and is not cached', async () => {
    const { get, getCompleted, reads } = openCache();
    const values = Promise.allSettled([get(), get()]);
    reads[0]?.fail(new Error('away'));
    expect((await values).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await getCompleted('again')).toBe('again');
  });
});

describe('after clear()', () => {
  it('cached values are read again', async () => {
    const { getCompleted, clear } = openCache();
    await getCompleted('before');
    clear();
    expect(await getCompleted('after')).toBe('after');
  });

  it('a running read serves earlier calls only', async () => {
    const { get, clear, reads } = openCache();
    const early = get();
    clear();
    const late = get();
    expect(reads).toHaveLength(2);
    reads[0]?.finish('before');
    expect(await early).toBe('before');
    const later = get();
    reads[1]?.finish('after');
    expect(await Promise.all([late, later])).toEqual(['after', 'after']);
    expect(reads).toHaveLength(2);
  });

  it('a call that joined a running read before clear() reads again', async () => {
    const { get, clear, reads } = openCache();
    const began = get();
    const joined = get();
    clear();
    reads[0]?.finish('before');
    expect(await began).toBe('before');
    await settle();
    reads[1]?.finish('after');
    expect(await joined).toBe('after');
  });
});

it('a read that exceeds the time to live serves only the call that started it; the others share a second read', async () => {
  const { get, reads } = openCache();
  const first = get();
  const others = [get(), get(), get()];
  advance(MAX_AGE_MS + 1);
  reads[0]?.finish('old');
  expect(await first).toBe('old');
  await settle();
  expect(reads).toHaveLength(2);
  advance(MAX_AGE_MS + 1);
  reads[1]?.finish('new');
  expect(await Promise.all(others)).toEqual(['new', 'new', 'new']);
});

describe('in any sequence of events', () => {
  type Step = { do: 'call' | 'finish' | 'change' } | { do: 'advance'; ms: number };
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom<Step>({ do: 'call' }, { do: 'finish' }) },
    { weight: 1, arbitrary: fc.constant<Step>({ do: 'change' }) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 200 }).map((ms): Step => ({ do: 'advance', ms })) },
  );

  /** Counts results that were older than get() promises. */
  async function countTooOld(steps: readonly Step[], clears: boolean): Promise<number> {
    interface CachedValue {
      readonly number: number;
      readonly at: number;
      readonly version: number;
    }
    const cache = createTtlCache<CachedValue>({ maxAgeMs: MAX_AGE_MS, maxEntries: 10 });
    const pendingReads: (() => void)[] = [];
    let reads = 0;
    let version = 0;
    let tooOld = 0;
    const call = async () => {
      const readsBefore = reads;
      const seen = await cache.get('key', () => {
        reads += 1;
        const now = { number: reads, at: performance.now(), version };
        return new Promise((resolve) => {
          pendingReads.push(() => {
            resolve(now);
          });
        });
      });
      const isTooOld = seen.version !== version || performance.now() - seen.at > MAX_AGE_MS;
      if (isTooOld && seen.number <= readsBefore) tooOld += 1;
    };
    for (const next of steps) {
      if (next.do === 'call') void call();
      else if (next.do === 'finish') pendingReads.shift()?.();
      else if (next.do === 'advance') advance(next.ms);
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
      // Of a hundred runs, all may happen to be right.
      { numRuns: 5_000 },
    );
    expect(result.failed).toBe(true);
  });
});

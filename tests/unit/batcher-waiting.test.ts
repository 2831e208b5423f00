import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OverloadedError } from '../../src/lib/errors/index.js';
import type { BatchMetrics } from '../../src/lib/metrics.js';
import { batchesOf, enqueue, openBatcher, settlementOf, submitAll, turns } from './batcher-support.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('the queue', () => {
  it('has a maximum length: further requests are refused at once and do not run', async () => {
    const batcher = openBatcher<string>({ maxWaiting: 2 });
    enqueue(batcher, ['a']);
    await turns();
    const [, , d] = submitAll(batcher, ['b', 'c', 'd']);
    await expect(d).rejects.toBeInstanceOf(OverloadedError);
    await batcher.sent[0]?.finish();
    expect(batchesOf(batcher)).toEqual(['a', 'bc']);
    // Both run now, and the queue has room again.
    const [e] = submitAll(batcher, ['e']);
    expect(await settlementOf(e as Promise<string>)).toBe('pending');
  });

  it('has a maximum wait: requests that wait longer are refused and do not run', async () => {
    const batcher = openBatcher<string>({ queueTimeoutMs: 100 });
    enqueue(batcher, ['a']);
    await turns();
    const [b] = submitAll(batcher, ['b']) as [Promise<string>];
    vi.advanceTimersByTime(60);
    const [c] = submitAll(batcher, ['c']) as [Promise<string>];
    vi.advanceTimersByTime(39);
    expect(await settlementOf(b)).toBe('pending');
    vi.advanceTimersByTime(1);
    expect(await settlementOf(b)).toBeInstanceOf(OverloadedError);
    vi.advanceTimersByTime(59);
    expect(await settlementOf(c)).toBe('pending');
    await batcher.sent[0]?.finish();
    expect(batchesOf(batcher)).toEqual(['a', 'c']);
    // The deadline does not apply to running requests.
    vi.advanceTimersByTime(1_000);
    expect(await settlementOf(c)).toBe('pending');
  });

  it('accepts 20 000 requests and a wait of 10 s by default', async () => {
    const batcher = openBatcher<string>();
    enqueue(batcher, ['a']);
    await turns();
    const [first] = submitAll(batcher, Array<string>(20_000).fill('b')) as [Promise<string>];
    const [tooMany] = submitAll(batcher, ['c']) as [Promise<string>];
    expect(await settlementOf(tooMany)).toBeInstanceOf(OverloadedError);
    vi.advanceTimersByTime(9_999);
    expect(await settlementOf(first)).toBe('pending');
    vi.advanceTimersByTime(1);
    expect(await settlementOf(first)).toBeInstanceOf(OverloadedError);
  });

  it('does not keep the process alive', () => {
    vi.useRealTimers();
    // This function lists only the resources that keep the process alive.
    const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
    const before = timers();
    enqueue(openBatcher<string>({ maxRunning: 0 }), ['a']);
    expect(timers()).toBe(before);
    const control = setTimeout(() => undefined, 1_000);
    expect(timers()).toBe(before + 1);
    clearTimeout(control);
  });
});

describe('the metrics', () => {
  it('include the size of each batch, the wait of its first request, and the number of waiting requests', async () => {
    const batches: [size: number, waitSeconds: number][] = [];
    let waiting = (): number => -1;
    const metrics: BatchMetrics = {
      batch: (...batch) => batches.push(batch),
      watchWaiting: (read) => (waiting = read),
    };
    const batcher = openBatcher<string>({ metrics, queueTimeoutMs: 1_000 });
    enqueue(batcher, ['a']);
    expect(waiting()).toBe(1);
    await turns();
    expect(waiting()).toBe(0);
    enqueue(batcher, ['b']);
    vi.advanceTimersByTime(250);
    enqueue(batcher, ['c']);
    // The number is also current while a batch runs and the queue grows.
    expect(waiting()).toBe(2);
    await batcher.sent[0]?.finish();
    expect(batches).toEqual([
      [1, 0],
      [2, 0.25],
    ]);
    enqueue(batcher, ['d']);
    vi.advanceTimersByTime(1_000);
    expect(waiting()).toBe(0);
  });
});

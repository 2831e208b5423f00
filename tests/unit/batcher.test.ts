import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestCancelledError } from '../../src/lib/batcher.js';
import { batchesOf, enqueue, openBatcher, outcomeOf, settled, submitAll, turns } from './batcher-support.js';

beforeEach(() => {
  // The clock stands still: no timer fires unless the test advances it.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a batch', () => {
  it('of one request starts in the same turn of the event loop, without a timer', async () => {
    const batcher = openBatcher<string>();
    const outcome = batcher.submit('key', 'a');
    await new Promise((resolve) => setImmediate(resolve));
    expect(batcher.sent).toMatchObject([{ key: 'key', requests: ['a'] }]);
    await batcher.sent[0]?.finish();
    expect(await outcome).toBe(outcomeOf('a'));
  });

  it('contains all requests of one turn, in order of arrival', async () => {
    const batcher = openBatcher<string>();
    enqueue(batcher, ['c', 'a', 'b']);
    await turns();
    expect(batchesOf(batcher)).toEqual(['cab']);
  });

  it('contains all requests that arrived while the previous batch of its key ran', async () => {
    const batcher = openBatcher<string>();
    enqueue(batcher, ['a']);
    await turns();
    enqueue(batcher, ['b']);
    await turns();
    enqueue(batcher, ['c']);
    await turns();
    expect(batchesOf(batcher)).toEqual(['a']);
    await batcher.sent[0]?.finish();
    expect(batchesOf(batcher)).toEqual(['a', 'bc']);
  });

  it('starts after the previous one, also if that one failed', async () => {
    const batcher = openBatcher<string>({ maxRunning: 1 });
    enqueue(batcher, ['a']);
    await turns();
    enqueue(batcher, ['b']);
    await batcher.sent[0]?.fail(new Error('broken'));
    expect(batchesOf(batcher)).toEqual(['a', 'b']);
  });

  it('has a maximum size', async () => {
    const batcher = openBatcher<string>({ maxBatchSize: 2 });
    enqueue(batcher, ['a', 'b', 'c', 'd', 'e']);
    await turns();
    for (const index of [0, 1]) await batcher.sent[index]?.finish();
    expect(batchesOf(batcher)).toEqual(['ab', 'cd', 'e']);
  });

  it('contains one request per distinctBy value; the others wait for a later batch', async () => {
    const batcher = openBatcher<string>({ maxBatchSize: 3, distinctBy: (request) => request.charAt(0) });
    enqueue(batcher, ['a1', 'a2', 'a3', 'b1', 'c1', 'b2', 'd1']);
    await turns();
    for (const index of [0, 1]) await batcher.sent[index]?.finish();
    expect(batchesOf(batcher)).toEqual(['a1b1c1', 'a2b2d1', 'a3']);
  });
});

describe('a burst', () => {
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const many = (letter: string, count = 16) => Array<string>(count).fill(letter);

  it('is collected while every turn adds at least 16 requests', async () => {
    const batcher = openBatcher<string>();
    for (const letter of ['a', 'b', 'c']) {
      enqueue(batcher, many(letter));
      await turn();
      expect(batchesOf(batcher)).toEqual([]);
    }
    enqueue(batcher, many('d', 15));
    await turn();
    expect(batchesOf(batcher)).toEqual([[...many('a'), ...many('b'), ...many('c'), ...many('d', 15)].join('')]);
  });

  it('is not collected beyond the maximum batch size', async () => {
    const batcher = openBatcher<string>({ maxBatchSize: 32 });
    enqueue(batcher, many('a'));
    await turn();
    enqueue(batcher, many('b', 17));
    await turn();
    expect(batchesOf(batcher)).toEqual([[...many('a'), ...many('b')].join('')]);
  });

  it('does not delay other keys', async () => {
    const batcher = openBatcher<string>({ maxRunning: 1 });
    enqueue(batcher, many('a'), 'busy');
    enqueue(batcher, ['b'], 'quiet');
    await turn();
    expect(batcher.sent.map(({ key }) => key)).toEqual(['quiet']);
  });
});

describe('several keys', () => {
  it('run one batch each, up to a maximum number of batches', async () => {
    const batcher = openBatcher<string>({ maxRunning: 2 });
    for (const key of ['x', 'y', 'z']) enqueue(batcher, [key], key);
    await turns();
    expect(batcher.sent.map(({ key }) => key)).toEqual(['x', 'y']);
    await batcher.sent[1]?.finish();
    expect(batcher.sent.map(({ key }) => key)).toEqual(['x', 'y', 'z']);
  });

  it('alternate: a long queue of one key does not delay the others', async () => {
    const batcher = openBatcher<string>({ maxRunning: 1, maxBatchSize: 1 });
    enqueue(batcher, ['1', '2', '3', '4'], 'busy');
    enqueue(batcher, ['1', '2'], 'quiet');
    await turns();
    enqueue(batcher, ['1'], 'late');
    for (let index = 0; index < 7; index += 1) await batcher.sent[index]?.finish();
    expect(batcher.sent.map(({ key }) => key)).toEqual(['busy', 'quiet', 'busy', 'late', 'quiet', 'busy', 'busy']); // prettier-ignore
  });
});

describe('a caller', () => {
  it('receives only the error of its own request', async () => {
    const batcher = openBatcher<string>();
    const [a, b, c] = submitAll(batcher, ['a', 'b', 'c']);
    await turns();
    const refusal = new Error('no');
    await batcher.sent[0]?.finish(['yes', refusal, 'yes too']);
    await expect(a).resolves.toBe('yes');
    await expect(b).rejects.toBe(refusal);
    await expect(c).resolves.toBe('yes too');
  });

  it('receives the error of its failed batch', async () => {
    const batcher = openBatcher<string>();
    const callers = submitAll(batcher, ['a', 'b']);
    await turns();
    const failure = new Error('broken');
    await batcher.sent[0]?.fail(failure);
    expect(await Promise.allSettled(callers)).toEqual([
      { status: 'rejected', reason: failure },
      { status: 'rejected', reason: failure },
    ]);
  });

  it('receives an error if the batch returned no outcome for it', async () => {
    const batcher = openBatcher<string>();
    const [a, b] = submitAll(batcher, ['a', 'b']);
    await turns();
    await batcher.sent[0]?.finish(['yes']);
    await expect(a).resolves.toBe('yes');
    await expect(b).rejects.toThrow('no outcome was given');
  });

  it('that is cancelled before its batch starts is removed, so that another request takes its place', async () => {
    const batcher = openBatcher<string>({ maxBatchSize: 2 });
    enqueue(batcher, ['a']);
    await turns();
    const controller = new AbortController();
    const cancelled = settled(batcher.submit('key', 'b', controller.signal));
    enqueue(batcher, ['c', 'd']);
    controller.abort();
    await batcher.sent[0]?.finish();
    expect(batchesOf(batcher)).toEqual(['a', 'cd']);
    await expect(cancelled).rejects.toBeInstanceOf(RequestCancelledError);
  });

  it('that is cancelled while its batch runs still receives the outcome', async () => {
    const batcher = openBatcher<string>();
    const controller = new AbortController();
    const cancelled = batcher.submit('key', 'a', controller.signal);
    await turns();
    controller.abort();
    await batcher.sent[0]?.finish();
    await expect(cancelled).resolves.toBe(outcomeOf('a'));
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestCancelledError } from '../../src/lib/batcher.js';
import { arrive, batchesOf, openBatcher, outcomeOf, settled, submitAll, turns } from './batcher-support.js';

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
    arrive(batcher, ['c', 'a', 'b']);
    await turns();
    expect(batchesOf(batcher)).toEqual(['cab']);
  });

  it('contains all requests that arrived while the previous batch of its key ran', async () => {
    const batcher = openBatcher<string>();
    arrive(batcher, ['a']);
    await turns();
    arrive(batcher, ['b']);
    await turns();
    arrive(batcher, ['c']);
    await turns();
    expect(batchesOf(batcher)).toEqual(['a']);
    await batcher.sent[0]?.finish();
    expect(batchesOf(batcher)).toEqual(['a', 'bc']);
  });

  it('starts after the previous one, also if that one failed', async () => {
    const batcher = openBatcher<string>({ maxRunning: 1 });
    arrive(batcher, ['a']);
    await turns();
    arrive(batcher, ['b']);
    await batcher.sent[0]?.fail(new Error('broken'));
    expect(batchesOf(batcher)).toEqual(['a', 'b']);
  });

  it('has a maximum size', async () => {
    const batcher = openBatcher<string>({ maxBatchSize: 2 });
    arrive(batcher, ['a', 'b', 'c', 'd', 'e']);
    await turns();
    for (const index of [0, 1]) await batcher.sent[index]?.finish();
    expect(batchesOf(batcher)).toEqual(['ab', 'cd', 'e']);
  });

  it('contains one request per distinctBy value; the others wait for a later batch', async () => {
    const batcher = openBatcher<string>({ maxBatchSize: 3, distinctBy: (request) => request.charAt(0) });
    arrive(batcher, ['a1', 'a2', 'a3', 'b1', 'c1', 'b2', 'd1']);
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
      arrive(batcher, many(letter));
      await turn();
      expect(batchesOf(batcher)).toEqual([]);
    }
    arrive(batcher, many('d', 15));
    await turn();
    expect(batchesOf(batcher)).toEqual([[...many('a'), ...many('b'), ...many('c'), ...many('d', 15)].join('')]);
  });

  it('is not collected beyond the maximum batch size', async () => {
    const batcher = openBatcher<string>({ maxBatchSize: 32 });
    arrive(batcher, many('a'));
    await turn();
    arrive(batcher, many('b', 17));
    await turn();
    expect(batchesOf(batcher)).toEqual([[...many('a'), ...many('b')].join('')]);
  });

  it('does not delay other keys', async () => {
    const batcher = openBatcher<string>({ maxRunning: 1 });
    arrive(batcher, many('a'), 'crowded');
    arrive(batcher, ['b'], 'quiet');
    await turn();
    expect(batcher.sent.map(({ key }) => key)).toEqual(['quiet']);
  });
});

describe('several keys', () => {
  it('run one batch each, up to a maximum number of batches', async () => {
    const batcher = openBatcher<string>({ maxRunning: 2 });
    for (const key of ['x', 'y', 'z']) arrive(batcher, [key], key);
    await turns();
    expect(batcher.sent.map(({ key }) => key)).toEqual(['x', 'y']);
    await batcher.sent[1]?.finish();
    expect(batcher.sent.map(({ key }) => key)).toEqual(['x', 'y', 'z']);
  });

  it('alternate: a long queue of one key does not delay the others', async () => {
    const batcher = openBatcher<string>({ maxRunning: 1, maxBatchSize: 1 });
    arrive(batcher, ['1', '2', '3', '4'], 'crowded');
    arrive(batcher, ['1', '2'], 'quiet');
    await turns();
    arrive(batcher, ['1'], 'late');
    for (let index = 0; index < 7; index += 1) await batcher.sent[index]?.finish();
    expect(batcher.sent.map(({ key }) => key)).toEqual(['crowded', 'quiet', 'crowded', 'late', 'quiet', 'crowded', 'crowded']); // prettier-ignore
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
    arrive(batcher, ['a']);
    await turns();
    const leaving = new AbortController();
    const left = settled(batcher.submit('key', 'b', leaving.signal));
    arrive(batcher, ['c', 'd']);
    leaving.abort();
    await batcher.sent[0]?.finish();
    expect(batchesOf(batcher)).toEqual(['a', 'cd']);
    await expect(left).rejects.toBeInstanceOf(RequestCancelledError);
  });

  it('that is cancelled while its batch runs still receives the outcome', async () => {
    const batcher = openBatcher<string>();
    const leaving = new AbortController();
    const left = batcher.submit('key', 'a', leaving.signal);
    await turns();
    leaving.abort();
    await batcher.sent[0]?.finish();
    await expect(left).resolves.toBe(outcomeOf('a'));
  });
});

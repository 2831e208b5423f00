import { expect, it } from 'vitest';
import { createFairQueue } from '../../src/lib/fair-queue.js';

interface Entry {
  readonly name: string;
  readonly since: number;
}

/** A queue of `a1 b1/1 a2`: the letter is the key, the figure after the slash the rank. */
function queueOf(names: string) {
  const queue = createFairQueue<Entry>();
  for (const [since, each] of names.split(' ').entries()) {
    const [name = '', rank = '0'] = each.split('/');
    queue.add(name.slice(0, 1), Number(rank), { name, since });
  }
  return queue;
}

function takeAll(queue: ReturnType<typeof queueOf>): string {
  const taken: string[] = [];
  for (let next = queue.take(); next; next = queue.take()) taken.push(next.name);
  return taken.join(' ');
}

it('lets the keys take turns within a rank, and serves a lower rank first', () => {
  expect(takeAll(queueOf('a1 a2 a3 b1 b2 c1'))).toBe('a1 b1 c1 a2 b2 a3');
  expect(takeAll(queueOf('a1/2 a2/2 b1/1 b2/1 c1 a3'))).toBe('c1 a3 b1 b2 a1 a2');
  const queue = queueOf('a1 a2 b1 b2');
  queue.take();
  queue.add('c', 0, { name: 'c1', since: 9 });
  expect(takeAll(queue)).toBe('b1 a2 c1 b2');
  expect([queue.size(), queue.take()]).toEqual([0, undefined]);
});

it.each([
  ['a', 0, 'a1 a2 a3', 3],
  ['b', 0, 'a1 a2 a3', 1],
  ['b', 0, 'a1 a2 a3 b1 c1', 4],
  ['b', 1, 'a1 a2 a3 c1/1 c2/1', 4],
  ['b', 0, 'a1/1 a2/2', 0],
])('counts what comes before another entry of %s in rank %i among %s: %i', (key, rank, names, before) => {
  const queue = queueOf(names);
  expect(queue.countBefore(key, rank)).toBe(before);
  queue.add(key, rank, { name: 'last', since: 99 });
  expect(takeAll(queue).split(' ').indexOf('last')).toBe(before);
});

it('moves the entries of a key to a higher rank, before those that it has there', () => {
  const queue = queueOf('a1 a2 b1/2 a3/2 c1');
  queue.demote('a', 2);
  expect([queue.sizeOf('a', 0), queue.sizeOf('a', 2), queue.size()]).toEqual([0, 3, 5]);
  expect(takeAll(queue)).toBe('c1 b1 a1 a2 a3');
  queueOf('a1').demote('b', 1);
});

it('removes the first entries of each key', () => {
  const queue = queueOf('a1 b1/1 a2 c1 b2/1 a3');
  expect(queue.oldest()?.name).toBe('a1');
  const removed = queue.removeUntil(({ since }) => since >= 3);
  expect(removed.map(({ name }) => name)).toEqual(['a1', 'a2', 'b1']);
  expect([queue.size(), queue.sizeOf('a', 0), queue.sizeOf('b', 1), queue.oldest()?.name]).toEqual([3, 1, 1, 'c1']);
  expect(takeAll(queue)).toBe('a3 c1 b2');
});

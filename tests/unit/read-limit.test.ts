import type { IncomingMessage } from 'node:http';
import { expect, it } from 'vitest';
import { createReadLimit, getLimited } from '../../src/lib/http/read-limit.js';
import { createTtlCache } from '../../src/lib/ttl-cache.js';

/** A limit of one running read; the address of a request is its path. */
function openReadLimit(maxWaitMs = 600_000) {
  const limit = createReadLimit({ maxRunning: 1, clientAddress: ({ url = '' }) => url, maxWaitMs });
  const cache = createTtlCache<string>({ maxAgeMs: 600_000, maxEntries: 10 });
  const begun: string[] = [];
  const as = (address: string) => limit.of({ url: address } as IncomingMessage);
  return {
    begun,
    cache,
    waiting: limit.waiting,
    block(address: string): () => void {
      let end: () => void = () => undefined;
      void as(address)(() => new Promise<void>((resolve) => (end = resolve)));
      return () => {
        end();
      };
    },
    get: (address: string, key: string) =>
      getLimited(
        cache,
        key,
        () => {
          begun.push(`${key} of ${address}`);
          return Promise.resolve(`value ${begun.length}`);
        },
        as(address),
      ),
  };
}

it('reads a page once for all addresses that wait for it, when the first of them has its turn', async () => {
  const { block, get, begun } = openReadLimit();
  const end = block('flood');
  for (let page = 0; page < 5; page += 1) void get('flood', `other ${page}`);
  const shared = [get('flood', 'page'), get('a', 'page'), get('a', 'page'), get('b', 'page')];
  end();
  // Behind the first page of the flood, and not behind all of its pages.
  expect(await Promise.all(shared)).toEqual(['value 2', 'value 2', 'value 2', 'value 2']);
  expect(begun.slice(0, 2)).toEqual(['other 0 of flood', 'page of flood']);
});

it('needs no turn for a value that is cached', async () => {
  const { block, get } = openReadLimit();
  expect(await get('a', 'page')).toBe('value 1');
  block('flood');
  expect(await get('b', 'page')).toBe('value 1');
});

it('forgets a refusal: the next request waits anew', async () => {
  const { block, get, waiting } = openReadLimit(-1);
  const end = block('flood');
  const refused = expect(get('a', 'page')).rejects.toThrow('Too many requests');
  end();
  await refused;
  expect(await get('a', 'page')).toBe('value 1');
  expect(waiting()).toBe(0);
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runOrSplit } from '../../src/lib/batcher.js';

const FAILURE = new Error('one of them is bad');

/**
 * Serves all numbers or none, as a transaction does: a run fails if one number is bad. A refused number is served with
 * an Error. Records the numbers of each run.
 */
function server({ failing = [], refused = [] }: { failing?: readonly number[]; refused?: readonly number[] }) {
  const runs: (readonly number[])[] = [];
  const served: number[] = [];
  return {
    runs,
    served,
    run(requests: readonly number[]) {
      runs.push(requests);
      if (requests.some((request) => failing.includes(request))) return Promise.reject(FAILURE);
      served.push(...requests);
      return Promise.resolve(
        requests.map((request) => (refused.includes(request) ? new Error(`refused ${request}`) : `served ${request}`)),
      );
    },
  };
}

const neverSplit = () => expect.unreachable('split');

it('requests that succeed run once', async () => {
  const { run, runs } = server({ refused: [2] });
  const split: number[] = [];
  const outcomes = await runOrSplit([1, 2, 3], run, () => true, (_, size) => split.push(size)); // prettier-ignore
  expect(outcomes).toEqual(['served 1', new Error('refused 2'), 'served 3']);
  expect([runs, split]).toEqual([[[1, 2, 3]], []]);
});

it('after a failure the halves run one after the other, split again as needed, and each split is reported', async () => {
  const { run, runs } = server({ failing: [4] });
  const split: [unknown, number][] = [];
  const outcomes = await runOrSplit([1, 2, 3, 4, 5], run, () => true, (...call) => split.push(call)); // prettier-ignore
  expect(outcomes).toEqual(['served 1', 'served 2', 'served 3', FAILURE, 'served 5']);
  expect(runs).toEqual([[1, 2, 3, 4, 5], [1, 2, 3], [4, 5], [4], [5]]);
  expect(split).toEqual([
    [FAILURE, 5],
    [FAILURE, 2],
  ]);
});

it('a failure that no request caused is thrown without a split', async () => {
  const { run, runs } = server({ failing: [1] });
  await expect(runOrSplit([1, 2], run, () => false, neverSplit)).rejects.toBe(FAILURE);
  expect(runs).toEqual([[1, 2]]);
});

it('the failure of a single request is thrown', async () => {
  const { run } = server({ failing: [1] });
  await expect(runOrSplit([1], run, () => true, neverSplit)).rejects.toBe(FAILURE);
});

it('a half that fails without a bad request returns that failure, and the other half still runs', async () => {
  const unavailable = new Error('the database is away');
  const runs: (readonly number[])[] = [];
  const run = (requests: readonly number[]) => {
    runs.push(requests);
    if (requests.length === 4) return Promise.reject(FAILURE);
    return requests[0] === 1 ? Promise.reject(unavailable) : Promise.resolve(requests.map(String));
  };
  const outcomes = await runOrSplit([1, 2, 3, 4], run, (error) => error === FAILURE, () => undefined); // prettier-ignore
  expect(outcomes).toEqual([unavailable, unavailable, '3', '4']);
  expect(runs).toEqual([
    [1, 2, 3, 4],
    [1, 2],
    [3, 4],
  ]);
});

it('each request has the outcome that it would have alone, in order, for any bad requests', async () => {
  const numbers = fc.uniqueArray(fc.nat(40), { minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(numbers, fc.array(fc.nat(40)), fc.array(fc.nat(40)), async (requests, failing, refused) => {
      const { run, served } = server({ failing, refused });
      const alone = (request: number) => {
        if (failing.includes(request)) return FAILURE;
        return refused.includes(request) ? new Error(`refused ${request}`) : `served ${request}`;
      };
      const outcomes = runOrSplit(requests, run, () => true, () => undefined); // prettier-ignore
      if (requests.length === 1 && failing.includes(requests[0] as number))
        await expect(outcomes).rejects.toBe(FAILURE);
      else expect(await outcomes).toEqual(requests.map(alone));
      // No request is served twice, and the order is kept.
      expect(served).toEqual(requests.filter((request) => !failing.includes(request)));
    }),
  );
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runOrSplit } from '../../src/inventory/run-or-split.js';

const BAD = new Error('one of them is bad');

/**
 * Serves all numbers or none, as a transaction does: a run fails if one number is bad. A refused number is served with
 * an Error. Records the numbers of each run.
 */
function server({ bad = [], refused = [] }: { bad?: readonly number[]; refused?: readonly number[] }) {
  const runs: (readonly number[])[] = [];
  const served: number[] = [];
  return {
    runs,
    served,
    run(requests: readonly number[]) {
      runs.push(requests);
      if (requests.some((request) => bad.includes(request))) return Promise.reject(BAD);
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
  const { run, runs } = server({ bad: [4] });
  const split: [unknown, number][] = [];
  const outcomes = await runOrSplit([1, 2, 3, 4, 5], run, () => true, (...call) => split.push(call)); // prettier-ignore
  expect(outcomes).toEqual(['served 1', 'served 2', 'served 3', BAD, 'served 5']);
  expect(runs).toEqual([[1, 2, 3, 4, 5], [1, 2, 3], [4, 5], [4], [5]]);
  expect(split).toEqual([
    [BAD, 5],
    [BAD, 2],
  ]);
});

it('a failure that no request caused is thrown without a split', async () => {
  const { run, runs } = server({ bad: [1] });
  await expect(runOrSplit([1, 2], run, () => false, neverSplit)).rejects.toBe(BAD);
  expect(runs).toEqual([[1, 2]]);
});

it('the failure of a single request is thrown', async () => {
  const { run } = server({ bad: [1] });
  await expect(runOrSplit([1], run, () => true, neverSplit)).rejects.toBe(BAD);
});

it('a half that fails without a bad request returns that failure, and the other half still runs', async () => {
  const away = new Error('the database is away');
  const runs: (readonly number[])[] = [];
  const run = (requests: readonly number[]) => {
    runs.push(requests);
    if (requests.length === 4) return Promise.reject(BAD);
    return requests[0] === 1 ? Promise.reject(away) : Promise.resolve(requests.map(String));
  };
  const outcomes = await runOrSplit([1, 2, 3, 4], run, (error) => error === BAD, () => undefined); // prettier-ignore
  expect(outcomes).toEqual([away, away, '3', '4']);
  expect(runs).toEqual([
    [1, 2, 3, 4],
    [1, 2],
    [3, 4],
  ]);
});

it('each request has the outcome that it would have alone, in order, for any bad requests', async () => {
  const numbers = fc.uniqueArray(fc.nat(40), { minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(numbers, fc.array(fc.nat(40)), fc.array(fc.nat(40)), async (requests, bad, refused) => {
      const { run, served } = server({ bad, refused });
      const alone = (request: number) => {
        if (bad.includes(request)) return BAD;
        return refused.includes(request) ? new Error(`refused ${request}`) : `served ${request}`;
      };
      const outcomes = runOrSplit(requests, run, () => true, () => undefined); // prettier-ignore
      if (requests.length === 1 && bad.includes(requests[0] as number)) await expect(outcomes).rejects.toBe(BAD);
      else expect(await outcomes).toEqual(requests.map(alone));
      // No request is served twice, and the order is kept.
      expect(served).toEqual(requests.filter((request) => !bad.includes(request)));
    }),
  );
});

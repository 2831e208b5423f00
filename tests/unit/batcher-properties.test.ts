import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { RequestCancelledError } from '../../src/lib/batcher.js';
import { OverloadedError } from '../../src/lib/errors/index.js';
import { openBatcher, turns, type SentBatch } from './batcher-support.js';

/** One request and its outcomes. */
interface Entry {
  readonly id: number;
  readonly key: string;
  readonly user: string;
  readonly signal: { aborted: boolean };
  /** The results and errors that the caller received. Exactly one is correct. */
  readonly outcomes: unknown[];
  /** The outcome that its batch returned. */
  expected?: string;
  /** Whether the caller was cancelled before the batch started. */
  cancelledInTime?: boolean;
}

type BatchEnd = 'served' | 'some refused' | 'failed' | 'too few';

const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('submit' as const),
        key: fc.constantFrom('x', 'y', 'z'),
        user: fc.constantFrom('ada', 'bob', 'eve', 'joe'),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('end' as const),
        batch: fc.nat(5),
        how: fc.constantFrom<BatchEnd>('served', 'some refused', 'failed', 'too few'),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), entry: fc.nat(30) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.nat(80) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('turn' as const) }) },
  ),
  { maxLength: 60, size: 'max' },
);

const limits = fc.record({
  maxBatchSize: fc.integer({ min: 1, max: 5 }),
  maxRunning: fc.integer({ min: 1, max: 3 }),
  maxWaiting: fc.integer({ min: 1, max: 12 }),
  queueTimeoutMs: fc.integer({ min: 20, max: 200 }),
  distinct: fc.boolean(),
});

type Steps = typeof steps extends fc.Arbitrary<infer T> ? T : never;
type Limits = typeof limits extends fc.Arbitrary<infer T> ? T : never;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** Runs the steps and finishes all batches. Checks the invariants after each step. */
async function runSteps(program: Steps, { distinct, ...options }: Limits) {
  const { submit, sent } = openBatcher<Entry>({ ...options, ...(distinct && { distinctBy: ({ user }) => user }) });
  const entries: Entry[] = [];
  const ended = new Set<SentBatch<Entry>>();
  const runningBatches = () => sent.filter((batch) => !ended.has(batch));
  const wasSent = (entry: Entry) => sent.some(({ requests }) => requests.includes(entry));

  function add(key: string, user: string): void {
    const entry: Entry = { id: entries.length, key, user, signal: { aborted: false }, outcomes: [] };
    entries.push(entry);
    submit(key, entry, entry.signal).then(
      (value) => entry.outcomes.push(value),
      (error: unknown) => entry.outcomes.push(error instanceof OverloadedError || error instanceof RequestCancelledError ? error : String(error)), // prettier-ignore
    );
  }

  async function end(batch: SentBatch<Entry>, how: BatchEnd): Promise<void> {
    ended.add(batch);
    const { requests } = batch;
    if (how === 'failed') {
      for (const request of requests) request.expected = 'Error: broken';
      await batch.fail(new Error('broken'));
      return;
    }
    const outcomes = requests.map((request) =>
      how === 'some refused' && request.id % 2 === 0 ? new Error(`refused ${request.id}`) : `served ${request.id}`,
    );
    requests.forEach((request, index) => (request.expected = String(outcomes[index])));
    const last = requests.at(-1);
    if (how === 'too few' && last) {
      outcomes.pop();
      last.expected = 'Error: no outcome was given';
    }
    await batch.finish(outcomes);
  }

  for (const step of program) {
    if (step.do === 'submit') add(step.key, step.user);
    else if (step.do === 'advance') vi.advanceTimersByTime(step.ms);
    else if (step.do === 'turn') await turns();
    else if (step.do === 'end') {
      const batch = runningBatches()[step.batch];
      if (batch) await end(batch, step.how);
    } else {
      const entry = entries[step.entry];
      if (entry) {
        entry.cancelledInTime ??= !wasSent(entry);
        entry.signal.aborted = true;
      }
    }
    const keys = runningBatches().map(({ key }) => key);
    expect(new Set(keys).size, 'one batch per key').toBe(keys.length);
    expect(keys.length).toBeLessThanOrEqual(options.maxRunning);
    const waiting = entries.filter((entry) => entry.outcomes.length === 0 && !wasSent(entry)).length;
    if (step.do === 'turn') expect(waiting).toBeLessThanOrEqual(options.maxWaiting);
  }
  await turns();
  for (let batch = runningBatches()[0]; batch; batch = runningBatches()[0]) await end(batch, 'served');
  return { entries, sent };
}

it('in any sequence of events, every caller receives exactly one outcome, in order', async () => {
  await fc.assert(
    fc.asyncProperty(steps, limits, async (program, limited) => {
      const { entries, sent } = await runSteps(program, limited);

      for (const { key, requests } of sent) {
        expect(requests.length).toBeGreaterThan(0);
        expect(requests.length).toBeLessThanOrEqual(limited.maxBatchSize);
        expect(requests.map((request) => request.key)).toEqual(requests.map(() => key));
        const ids = requests.map(({ id }) => id);
        expect(ids, 'in order of arrival').toEqual(ids.toSorted((a, b) => a - b));
        if (limited.distinct) expect(new Set(requests.map(({ user }) => user)).size).toBe(requests.length);
      }

      const batchOf = entries.map((entry) => sent.findIndex(({ requests }) => requests.includes(entry)));
      expect(sent.flatMap(({ requests }) => requests).length, 'each sent once at most').toBe(
        batchOf.filter((batch) => batch >= 0).length,
      );
      for (const { id, outcomes, expected, signal, cancelledInTime } of entries) {
        expect(outcomes).toHaveLength(1);
        const isSent = batchOf[id] !== -1;
        if (isSent) expect(outcomes).toEqual([expected]);
        else if (!signal.aborted) expect(outcomes[0]).toBeInstanceOf(OverloadedError);
        if (isSent) expect(cancelledInTime, 'no cancelled request is served').not.toBe(true);
      }

      // A later request runs first only if the user of the earlier one already has a request in that batch.
      for (const [later, laterBatch] of batchOf.entries()) {
        for (const [earlier, earlierBatch] of batchOf.slice(0, later).entries()) {
          if (laterBatch === -1 || earlierBatch <= laterBatch || entries[earlier]?.key !== entries[later]?.key)
            continue;
          expect(limited.distinct).toBe(true);
          expect(sent[laterBatch]?.requests.map(({ user }) => user)).toContain(entries[earlier]?.user);
        }
      }
    }),
    { numRuns: 300 },
  );
});

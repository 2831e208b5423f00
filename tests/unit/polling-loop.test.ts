import { expect, it, vi } from 'vitest';
import type { FailureLog } from '../../src/lib/failure-log.js';
import type { Logger } from '../../src/lib/logger.js';
import { createPollingLoop } from '../../src/lib/polling-loop.js';

/** A sleep that lasts until stop() is called. */
const UNTIL_STOPPED_MS = 1_000_000;

const messageOf = (error: unknown) => (error as Error).message;

it('the loop sleeps for the time that each poll returns, until it is stopped', async () => {
  const delays = [30, 60, UNTIL_STOPPED_MS];
  const times: number[] = [];
  const loop = createPollingLoop({
    retryDelayMs: UNTIL_STOPPED_MS,
    poll: () => Promise.resolve(delays[times.push(performance.now()) - 1] ?? 0),
  });
  loop.start();
  loop.start();
  await vi.waitUntil(() => times.length >= 3, { timeout: 90_000 });
  await loop.stop();
  expect(times.length).toBe(3);
  const [first = 0, second = 0, third = 0] = times;
  // A timer may fire a fraction of a millisecond early.
  expect(second - first).toBeGreaterThan(29);
  expect(third - second).toBeGreaterThan(59);
});

it('stop() aborts the signal of the current poll and waits for it', async () => {
  let finish: () => void = () => undefined;
  let polled: AbortSignal | undefined;
  const loop = createPollingLoop({
    retryDelayMs: 1,
    poll: async (signal) => {
      polled = signal;
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return 1;
    },
  });
  loop.start();
  let hasStopped = false;
  const stopped = loop.stop().then(() => (hasStopped = true));
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect([hasStopped, polled?.aborted]).toEqual([false, true]);
  finish();
  await stopped;
  expect(hasStopped).toBe(true);
});

it('the loop can be started again', async () => {
  let polls = 0;
  const loop = createPollingLoop({
    retryDelayMs: UNTIL_STOPPED_MS,
    poll: () => {
      polls += 1;
      return Promise.resolve(UNTIL_STOPPED_MS);
    },
  });
  for (const expected of [1, 2]) {
    loop.start();
    expect(polls).toBe(expected);
    await loop.stop();
  }
});

it('the loop retries after an error, and reports the first error of a series and its end', async () => {
  const lines: string[] = [];
  const errors: string[] = [];
  const logger = {
    warn: (_context: unknown, text: string) => lines.push(text),
    info: (text: string) => lines.push(text),
  } as unknown as Logger;
  const failures: Pick<FailureLog, 'record'> = { record: (error) => messageOf(error) === 'grouped' };
  const outcomes = ['grouped', 'a', 'b', null, null, 'c', null, 'grouped', null, 'end'];
  const loop = createPollingLoop({
    retryDelayMs: 1,
    poll: async () => {
      const outcome = outcomes.shift();
      if (outcome === 'end') return UNTIL_STOPPED_MS;
      if (outcome) throw new Error(outcome);
      return 1;
    },
    onError: (error) => errors.push(messageOf(error)),
    report: { logger, failures: failures as FailureLog, affected: 'stats', failed: 'failed', recovered: 'recovered' },
  });
  loop.start();
  await vi.waitUntil(() => outcomes.length === 0, { timeout: 90_000 });
  await loop.stop();
  expect(errors).toEqual(['grouped', 'a', 'b', 'c', 'grouped']);
  expect(lines).toEqual(['failed', 'recovered', 'failed', 'recovered']);
});

it('wake() ends a sleep, and leaves out the one after the current poll', async () => {
  let polls = 0;
  const loop = createPollingLoop({
    retryDelayMs: UNTIL_STOPPED_MS,
    async poll() {
      polls += 1;
      await Promise.resolve();
      return UNTIL_STOPPED_MS;
    },
  });
  loop.start();
  loop.wake();
  await vi.waitUntil(() => polls === 2, { timeout: 90_000 });
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(polls).toBe(2);
  loop.wake();
  await vi.waitUntil(() => polls === 3, { timeout: 90_000 });
  await loop.stop();
  expect(polls).toBe(3);
});

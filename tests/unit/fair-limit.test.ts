import { expect, it } from 'vitest';
import { createFairLimit } from '../../src/lib/fair-limit.js';
import { OverloadedError } from '../../src/lib/errors/index.js';

const LONG_WAIT_MS = 600_000;

/** A limit of one running task, whose tasks end when the test says so, in the order of their starts. */
function openLimit({ maxWaiting = 100, maxWaitMs = LONG_WAIT_MS } = {}) {
  const limit = createFairLimit({ maxRunning: 1, maxWaiting, maxWaitMs });
  const started: string[] = [];
  const ends: (() => void)[] = [];
  return {
    started,
    waiting: limit.waiting,
    run: (key: string, name = key, signal?: { aborted: boolean }) =>
      limit.run(
        key,
        () =>
          new Promise<string>((resolve) => {
            started.push(name);
            ends.push(() => {
              resolve(name);
            });
          }),
        { signal },
      ),
    async endNext() {
      ends.shift()?.();
      await new Promise(setImmediate);
    },
  };
}

it('runs a task at once while there is a free place, and starts a waiting one when another ends or fails', async () => {
  const limit = createFairLimit({ maxRunning: 1, maxWaiting: 10, maxWaitMs: LONG_WAIT_MS });
  const failure = new Error('failed');
  const outcomes = [
    limit.run('a', () => Promise.reject(failure)),
    limit.run('a', () => Promise.resolve('second')),
    limit.run('b', () => Promise.resolve('third')),
  ];
  expect(limit.waiting()).toBe(2);
  expect((await Promise.allSettled(outcomes)).map((each) => ('value' in each ? each.value : each.reason))).toEqual([
    failure,
    'second',
    'third',
  ]);
  expect(limit.waiting()).toBe(0);
});

it('lets the keys take turns, however many tasks one of them has', async () => {
  const { run, started, endNext } = openLimit();
  for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1']) void run(name.slice(0, 1), name);
  for (let task = 0; task < 8; task += 1) await endNext();
  expect(started).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4']);
});

it('lets a key have as many waiting tasks as places are free, so that others still find one', async () => {
  const { run, waiting } = openLimit({ maxWaiting: 12 });
  const send = (key: string) =>
    Promise.race([run(key).catch((error: unknown) => error), new Promise((resolve) => setImmediate(resolve, 'waits'))]);
  await send('running');
  const outcomes: Record<string, number> = {};
  for (const key of ['a', 'b', 'c']) {
    for (let task = 0; task < 20; task += 1) {
      if ((await send(key)) === 'waits') outcomes[key] = (outcomes[key] ?? 0) + 1;
    }
  }
  expect(outcomes).toEqual({ a: 6, b: 3, c: 2 });
  expect(waiting()).toBe(11);
  expect(await send('a')).toBeInstanceOf(OverloadedError);
  expect(await send('d')).toBe('waits');
});

it('does not start a task that was cancelled or has waited too long', async () => {
  const patient = openLimit();
  const signal = { aborted: false };
  void patient.run('a');
  const cancelled = patient.run('a', 'cancelled', signal);
  const next = patient.run('a', 'next');
  signal.aborted = true;
  const refusal = expect(cancelled).rejects.toThrow('cancelled');
  await patient.endNext();
  await refusal;
  await patient.endNext();
  expect(await next).toBe('next');
  expect(patient.started).toEqual(['a', 'next']);

  const impatient = openLimit({ maxWaitMs: -1 });
  void impatient.run('a', 'first');
  const late = expect(impatient.run('a', 'late')).rejects.toThrow(OverloadedError);
  await impatient.endNext();
  await late;
  const after = impatient.run('a', 'after');
  await impatient.endNext();
  expect(await after).toBe('after');
  expect(impatient.started).toEqual(['first', 'after']);
});

it('starts the tasks of a lower rank first', async () => {
  const limit = createFairLimit({ maxRunning: 1, maxWaiting: 100, maxWaitMs: LONG_WAIT_MS });
  const started: string[] = [];
  const run = (name: string, rank: number) => limit.run(name, () => Promise.resolve(started.push(name)), { rank });
  await Promise.all([run('first', 2), run('flood', 2), run('often', 1), run('person', 0)]);
  expect(started).toEqual(['first', 'person', 'often', 'flood']);
});

it('puts the waiting tasks of a key behind others when it adds one of a higher rank, even if that is refused', async () => {
  const limit = createFairLimit({ maxRunning: 1, maxWaiting: 3, maxWaitMs: LONG_WAIT_MS });
  const started: string[] = [];
  const run = (key: string, rank: number) => limit.run(key, () => Promise.resolve(started.push(key)), { rank });
  const outcomes = [run('first', 0), run('flood', 0), run('person', 0), run('flood', 1)];
  expect((await Promise.allSettled(outcomes)).map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'fulfilled',
    'rejected',
  ]);
  expect(started).toEqual(['first', 'person', 'flood']);
});

it('refuses a task at once whose turn is expected too late, by the tasks that come before it', async () => {
  const limit = createFairLimit({
    maxRunning: 2,
    maxWaiting: 100,
    maxWaitMs: LONG_WAIT_MS,
    taskMs: () => LONG_WAIT_MS / 2,
  });
  const forever = () => new Promise<void>(() => undefined);
  const send = (key: string, rank: number) => {
    const outcome = limit.run(key, forever, { rank }).catch((error: unknown) => error);
    return Promise.race([outcome, new Promise((resolve) => setImmediate(resolve, 'waits'))]);
  };
  // Two run, and four wait: the fourth starts after two tasks, which is the longest wait.
  const outcomes = [];
  for (let task = 0; task < 8; task += 1) outcomes.push(await send('a', 1));
  expect(outcomes.slice(0, 6)).toEqual(Array.from({ length: 6 }, () => 'waits'));
  for (const refused of outcomes.slice(6)) expect(refused).toBeInstanceOf(OverloadedError);
  expect(await send('b', 1), 'another key waits for one task of the first').toBe('waits');
  expect(await send('c', 0), 'a lower rank waits for no task').toBe('waits');
  expect(limit.waiting()).toBe(6);
});

it('rejects a task at the end of its time, although no running one ends', async () => {
  const { run, waiting } = openLimit({ maxWaitMs: 1 });
  void run('a', 'never ends');
  await expect(run('b')).rejects.toThrow(OverloadedError);
  expect(waiting()).toBe(0);
});

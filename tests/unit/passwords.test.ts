import type { Worker } from 'node:worker_threads';
import bcrypt from 'bcryptjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPasswords, type Passwords } from '../../src/lib/auth/passwords.js';

let passwords: Passwords;

beforeAll(() => {
  passwords = createPasswords();
});
afterAll(() => passwords.close());

/** Measures the largest delay of a 10 ms timer during `work`, and the duration of `work`, in ms. */
async function eventLoopDelayDuring(work: () => Promise<unknown>): Promise<{ worstMs: number; tookMs: number }> {
  let [worstMs, last] = [0, performance.now()];
  const timer = setInterval(() => {
    const now = performance.now();
    worstMs = Math.max(worstMs, now - last - 10);
    last = now;
  }, 10);
  const start = performance.now();
  await work();
  const tookMs = performance.now() - start;
  // Includes a delay that lasts until the end of the work.
  await new Promise((done) => setTimeout(done, 20));
  clearInterval(timer);
  return { worstMs, tookMs };
}

const HASH_CALLS = Array.from({ length: 20 });

describe('hashing', () => {
  it('returns a salted bcrypt hash of cost 10 or more that verify() accepts', async () => {
    const [one, other] = [await passwords.hash('correct horse'), await passwords.hash('correct horse')];
    expect(one).not.toBe(other);
    expect(bcrypt.getRounds(one)).toBeGreaterThanOrEqual(10);
    expect(await passwords.verify('correct horse', one)).toBe(true);
    expect(await passwords.verify('correct horsf', one)).toBe(false);
  });

  it('does not verify a password against a missing or invalid hash', async () => {
    expect(await passwords.verify('correct horse', null)).toBe(false);
    expect(await passwords.verify('', '')).toBe(false);
    expect(await passwords.verify('unusable', 'unusable')).toBe(false);
  });

  it('distinguishes 72 bytes from 73, although bcrypt reads only 72', async () => {
    const hash = await passwords.hash('ä'.repeat(36));
    expect(await passwords.verify('ä'.repeat(36), hash)).toBe(true);
    expect(await passwords.verify(`${'ä'.repeat(36)}x`, hash)).toBe(false);
    expect(bcrypt.compareSync(`${'ä'.repeat(36)}x`, hash)).toBe(true);
  });
});

describe('20 concurrent hashes', () => {
  it('do not block the event loop', async () => {
    await passwords.hash('warm up: a thread starts');
    const { worstMs, tookMs } = await eventLoopDelayDuring(() =>
      Promise.all(HASH_CALLS.map(() => passwords.hash('123456'))),
    );
    // Timers are also late on a busy machine, but only hashing on the main thread delays one by half of the total time.
    expect(worstMs).toBeLessThan(tookMs / 2);
  });

  it('all complete: the queues in front bound how many there are', async () => {
    const hashes = await Promise.all(HASH_CALLS.map((_, call) => passwords.hash(`password ${call}`)));
    expect(new Set(hashes).size).toBe(HASH_CALLS.length);
  });

  it('would block the event loop on the main thread', async () => {
    const { worstMs, tookMs } = await eventLoopDelayDuring(async () =>
      HASH_CALLS.slice(0, 5).map(() => bcrypt.hashSync('123456', 10)),
    );
    expect(worstMs).toBeGreaterThan(tookMs / 2);
  });
});

describe('close()', () => {
  it('stops every thread and starts no new one', async () => {
    const running = new Set<Worker>();
    const track = (worker: Worker) => {
      running.add(worker.once('exit', () => running.delete(worker)));
    };
    process.on('worker', track);
    const closing = createPasswords();
    try {
      await closing.hash('123456');
      expect(running.size).toBeGreaterThan(0);
    } finally {
      await closing.close();
    }
    expect(running.size).toBe(0);
    await expect(closing.hash('123456')).rejects.toMatchObject({ code: 'unavailable', status: 503 });
    expect(running.size).toBe(0);
    process.off('worker', track);
  });

  it('rejects unfinished calls', async () => {
    const closing = createPasswords();
    const outcomes = Promise.allSettled(HASH_CALLS.map(() => closing.hash('123456')));
    await closing.close();
    expect(await outcomes).toContainEqual(expect.objectContaining({ status: 'rejected' }));
  });
});

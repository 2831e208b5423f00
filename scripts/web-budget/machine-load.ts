import { Worker } from 'node:worker_threads';

/** Counts as fast as it can; posts how long that took. Runs in a thread. */
const SPIN = `
  const { parentPort } = require('node:worker_threads');
  const start = performance.now();
  let value = 1;
  for (let turn = 0; turn < 20_000_000; turn += 1) value = (value * 31 + turn) | 0;
  parentPort.postMessage([performance.now() - start, value]);
`;
/** The time on the two idle cores that the budgets are meant for. */
const REFERENCE_SPIN_MS = 110;
/** Chromium needs about two cores: one for the page and one for the rest. */
const THREADS = 2;

/** How many times slower than the reference this machine is now, because it is slower or because it is busy; at least 1. */
export async function measureSlowness(): Promise<number> {
  const times = await Promise.all(Array.from({ length: THREADS }, spin));
  return Math.max(1, Math.max(...times) / REFERENCE_SPIN_MS);
}

function spin(): Promise<number> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(SPIN, { eval: true });
    thread.once('message', ([ms]: [number]) => {
      resolve(ms);
    });
    thread.once('error', reject);
  });
}

import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_INTERVAL_MS = 3;
const READY_TIMEOUT_MS = 60_000;

/** Resolves with the first 200 of /readyz on this machine. @throws {Error} there is none within a minute. */
export async function untilReady(port: number): Promise<void> {
  const begun = performance.now();
  while (!(await isReady(port))) {
    if (performance.now() - begun > READY_TIMEOUT_MS) throw new Error('the server did not become ready');
    await sleep(POLL_INTERVAL_MS);
  }
}

async function isReady(port: number): Promise<boolean> {
  const req = request({ host: '127.0.0.1', port, path: '/readyz', agent: false });
  req.end();
  try {
    const [res] = (await once(req, 'response')) as [{ statusCode?: number; resume(): void }];
    res.resume();
    return res.statusCode === 200;
  } catch {
    return false;
  }
}

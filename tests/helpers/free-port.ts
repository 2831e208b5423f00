import { createServer } from 'node:net';
import { isPortFree } from '../../src/embedded-postgres/port.js';

/**
 * Below the ports that operating systems assign by themselves, to connections and to servers on port 0, and below those that the
 * commands choose. A port found here is therefore still free when the other process opens it.
 */
const FIRST_PORT = 20_000;
const END_PORT = 26_000;
/** A range is claimed by listening on its first port. */
const PORTS_PER_RANGE = 50;

let next = 0;
let end = 0;

/** A port on which nothing listens, for a server in another process. No other test receives it, of this run or another one. */
export async function findFreePort(): Promise<number> {
  for (;;) {
    if (next === end) await claimRange();
    const port = next;
    next += 1;
    if (await isPortFree(port)) return port;
  }
}

/** Claims the next free range until this process ends. */
async function claimRange(): Promise<void> {
  for (let first = FIRST_PORT; first < END_PORT; first += PORTS_PER_RANGE) {
    if (!(await keepOpen(first))) continue;
    next = first + 1;
    end = first + PORTS_PER_RANGE;
    return;
  }
  throw new Error(`There is no free range of ports from ${FIRST_PORT} on`);
}

/** Listens on a port until this process ends, and does not keep it from ending. Returns false if another server does. */
function keepOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      server.unref();
      resolve(true);
    });
  });
}

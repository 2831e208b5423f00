import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { errorCode } from './errors.js';

export const ADDRESS = '127.0.0.1';

/** Whether nothing listens on the port. True for a port that this user may not open (below 1024). */
export async function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => {
      resolve(errorCode(error) === 'EACCES');
    });
    server.listen({ host: ADDRESS, port, exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

/**
 * Below the ports that operating systems assign by themselves, to connections and to servers on port 0: a port that is found here is
 * still free when another process opens it.
 */
const FIRST_PORT = 26_000;
const END_PORT = 32_000;
const MAX_ATTEMPTS = 100;

/** The ports that this process has found. */
const found = new Set<number>();

/** A port on which nothing listens at the moment. Another one at each call. */
export async function findFreePort(): Promise<number> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const port = randomInt(FIRST_PORT, END_PORT);
    if (found.has(port) || !(await isPortFree(port))) continue;
    found.add(port);
    return port;
  }
  throw new Error(`There is no free port on ${ADDRESS}`);
}

import { isPortFree } from '../../src/embedded-postgres/port.js';

/**
 * Below the ports that operating systems assign by themselves, to connections and to servers on port 0. A port found here is
 * therefore still free when the other process opens it.
 */
const FIRST_PORT = 20_000;
const PORTS_PER_WORKER = 1_000;

let found = 0;

/** A port on which nothing listens, for a server in another process. No other test receives it. */
export async function findFreePort(): Promise<number> {
  // Vitest numbers the processes in which it runs tests.
  const first = FIRST_PORT + Number(process.env.VITEST_POOL_ID ?? 0) * PORTS_PER_WORKER;
  for (let checked = 0; checked < PORTS_PER_WORKER; checked += 1) {
    const port = first + (found % PORTS_PER_WORKER);
    found += 1;
    if (await isPortFree(port)) return port;
  }
  throw new Error(`There is no free port from ${first} on`);
}

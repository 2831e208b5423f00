import { createServer } from 'node:net';
import { errorCode } from './errors.js';

export const ADDRESS = '127.0.0.1';

/** Whether nothing listens on the port. True for a port that this user may not open (below 1024). */
export async function isPortFree(port: number): Promise<boolean> {
  return (await listenOnce(port)) !== null;
}

/** A port on which nothing listens at the moment. */
export async function findFreePort(): Promise<number> {
  const port = await listenOnce(0);
  if (!port) throw new Error(`There is no free port on ${ADDRESS}`);
  return port;
}

async function listenOnce(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => {
      resolve(errorCode(error) === 'EACCES' ? port : null);
    });
    server.listen({ host: ADDRESS, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === 'object' && address ? address.port : null);
      });
    });
  });
}

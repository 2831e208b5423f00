import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer, type Plugin, type ProxyOptions } from 'vite';
import type { Config } from '../../src/lib/config/index.js';
import { OperatorError } from '../../src/lib/errors/operator-error.js';
import { withDemoAccounts } from '../../src/pages/page-head.js';
import { DEMO_ACCOUNTS } from '../../src/seed/demo-data.js';

/** Paths that the service answers; all others belong to the page. */
const SERVED = [
  '/api',
  '/images',
  '/docs',
  '/errors',
  '/openapi.json',
  '/livez',
  '/readyz',
  '/socket.io',
  '/favicon.ico',
  '/robots.txt',
  '/share.png',
];
const POLL_INTERVAL_MS = 30;
const MAX_WAIT_MS = 60_000;

/**
 * Serves the storefront from its sources at the address of the configuration, and passes the other requests on to the service.
 *
 * @param servicePort where the service listens on this machine.
 * @throws {OperatorError} another program listens there.
 */
export async function servePages({ http, seed }: Config, servicePort: number): Promise<() => Promise<void>> {
  const proxied = (path: string): [string, ProxyOptions] => [
    path,
    { target: `http://127.0.0.1:${servicePort}`, ws: path === '/socket.io' },
  ];
  const own = process.listeners('SIGTERM');
  const pages = await createServer({
    root: join(import.meta.dirname, '../../web'),
    clearScreen: false,
    plugins: [waitForService(servicePort), ...(seed ? [demoAccounts] : [])],
    server: {
      host: http.host,
      port: http.port,
      strictPort: true,
      proxy: Object.fromEntries(SERVED.map(proxied)),
    },
  });
  // Vite would end the process, before the service and the database are stopped.
  for (const listener of process.listeners('SIGTERM')) if (!own.includes(listener)) process.off('SIGTERM', listener);
  try {
    await pages.listen();
  } catch (error) {
    await pages.close();
    throw new OperatorError(`${error instanceof Error ? error.message : String(error)}. Set PORT to another one.`);
  }
  process.stderr.write('\n  The storefront, with your edits, and the API behind it:\n\n');
  pages.printUrls();
  return () => pages.close();
}

/** Offers the demo accounts on the sign-in page, as the service does. */
const demoAccounts: Plugin = {
  name: 'demo-accounts',
  transformIndexHtml: (page) => withDemoAccounts(page, DEMO_ACCOUNTS),
};

/** Lets requests wait while the service restarts. */
function waitForService(port: number): Plugin {
  return {
    name: 'wait-for-service',
    configureServer({ middlewares }) {
      middlewares.use((req, _res, next) => {
        if (!SERVED.some((path) => req.url?.startsWith(path))) next();
        else void untilListening(port).then(next);
      });
    },
  };
}

async function untilListening(port: number): Promise<void> {
  const deadline = performance.now() + MAX_WAIT_MS;
  while (!(await isListening(port)) && performance.now() < deadline) await sleep(POLL_INTERVAL_MS);
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const settle = (isOpen: boolean) => () => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', settle(true));
    socket.once('error', settle(false));
  });
}

import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { resolveJwtSecret } from '../lib/auth/jwt-secret.js';
import { createDisposalStack } from '../lib/disposal-stack.js';
import { loadConfig, readEnvironment, type Environment } from '../lib/config/index.js';
import { openDatabaseServer } from '../database-server.js';
import { findFreePort } from '../embedded-postgres/port.js';
import { createLogger } from '../lib/logger.js';
import { findProgram } from './cluster-local/find-program.js';
import { startPart, type Part } from './cluster-local/part.js';
import { answers, takesConnections, untilReady, type Awaited } from './cluster-local/ready.js';
import { runCommand } from './run-command.js';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
/** The same file as in compose.yaml; src/commands and dist/commands lie equally deep below the project's folder. */
const PROXY_SETTINGS = fileURLToPath(new URL('../../ops/haproxy/haproxy.cfg', import.meta.url));
const NODE: [string, ...string[]] = [process.execPath, '--enable-source-maps', '--max-semi-space-size=32', MAIN];

// npm run cluster:local: what compose.yaml starts, as plain processes of this machine: two APIs, a worker, and Redis and HAProxy
// if they are installed, on DATABASE_URL or the embedded PostgreSQL. Ctrl-C ends all of it.
await runCommand(async (signal) => {
  const config = loadConfig();
  const logger = createLogger({ logLevel: 'warn' }, { pretty: process.stdout.isTTY });
  const closers = createDisposalStack(logger);
  const environment = readEnvironment();
  const parts: Awaited[] = [];
  // A second Ctrl-C: nothing stays behind that nobody would stop.
  process.on('exit', () => {
    for (const { part } of parts) part.kill();
  });
  try {
    const database = await openDatabaseServer(config, logger);
    closers.add('the database', () => database.close());
    signal.throwIfAborted();

    const redis = config.redisUrl ? undefined : findProgram('redis-server', '--version');
    const redisPort = await findFreePort();
    if (redis) {
      const memoryOnly = ['--port', String(redisPort), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
      const part = startPart('redis', [redis, ...memoryOnly, '--dir', tmpdir()], environment);
      parts.push({ part, isReady: () => takesConnections(redisPort) });
      closers.add('Redis', part.stop);
    }

    const proxy = findProgram('haproxy', '-v');
    const { host, port } = config.http;
    const url = `http://127.0.0.1:${port}`;
    const apiPorts = [proxy ? await findFreePort() : port, await findFreePort()];
    let proxyPart: Part | undefined;
    // Ended after the services, whose last answers pass through it.
    closers.add('the proxy', () => proxyPart?.stop());

    const common: Environment = {
      ...environment,
      HOST: '127.0.0.1',
      PUBLIC_URL: config.http.publicUrl,
      DATABASE_URL: database.url,
      DIRECT_DATABASE_URL: database.directUrl,
      JWT_SECRET: await resolveJwtSecret(config),
      REDIS_URL: redis ? `redis://127.0.0.1:${redisPort}` : config.redisUrl,
      ...(proxy && { TRUST_PROXY: '1' }),
    };
    const services: Part[] = [];
    const metrics = new Map<Part, number>();
    const start = async (name: string, settings: Environment, readyUrl?: string) => {
      const metricsPort = await findFreePort();
      const part = startPart(name, NODE, { ...common, ...settings, METRICS_PORT: String(metricsPort) });
      services.push(part);
      metrics.set(part, metricsPort);
      parts.push({ part, isReady: () => answers(readyUrl ?? `http://127.0.0.1:${metricsPort}/metrics`) });
    };
    // Requests finish before what they need is gone.
    closers.add('the services', async () => {
      await Promise.all(services.map((part) => part.stop()));
    });
    for (const [index, apiPort] of apiPorts.entries()) {
      const settings = { ROLE: 'api', PORT: String(apiPort) };
      await start(`api ${index + 1}`, settings, `http://127.0.0.1:${apiPort}/readyz`);
    }
    await start('worker', { ROLE: 'worker' });

    await untilReady(parts, signal);
    if (proxy) {
      // Last: without a server that is ready it would begin with an alert.
      const [API_1, API_2] = apiPorts.map((each) => `127.0.0.1:${each}`);
      const env = { ...environment, PROXY_ADDRESS: `${host}:${port}`, API_1, API_2 };
      proxyPart = startPart('proxy', [proxy, '-db', '-f', PROXY_SETTINGS], env);
      parts.push({ part: proxyPart, isReady: () => answers(`${url}/livez`) });
      await untilReady(parts, signal);
    }
    const metricsOf = (part: Part) => `process ${part.pid}, metrics at http://127.0.0.1:${metrics.get(part)}/metrics`;
    const missing = (name: string) => `none: ${name} is not installed here`;
    show([
      ['Cluster', proxy ? config.http.publicUrl : `no proxy (haproxy is not installed here): ask either API`],
      ...services.map((part, index): [string, string] => {
        const at = apiPorts[index] === undefined ? '' : `http://127.0.0.1:${apiPorts[index]}, `;
        return [part.name, at + metricsOf(part)];
      }),
      ['Redis', redis ? `redis://127.0.0.1:${redisPort}` : (config.redisUrl ?? missing('redis-server'))],
      ['Database', config.database.url ? 'DATABASE_URL' : 'embedded PostgreSQL (npm run studio, npm run db:url)'],
    ]);
    for (const { part } of parts) {
      void part.ended.then((how) => {
        if (!signal.aborted) process.stdout.write(`\n  ${part.name} has ended (${how}); the others go on.\n\n`);
      });
    }
    await Promise.race([Promise.all(services.map(({ ended }) => ended)), aborted(signal)]);
  } finally {
    await closers.closeAll();
  }
});

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => { resolve(); }, { once: true }); // prettier-ignore
  });
}

function show(lines: readonly (readonly [string, string])[]): void {
  const table = lines.map(([name, value]) => `  ${name.padEnd(10)}${value}`).join('\n');
  process.stdout.write(`\n${table}\n\n  All are ready. Ctrl-C stops them.\n\n`);
}

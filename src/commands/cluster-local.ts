import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { resolveJwtSecret } from '../lib/auth/jwt-secret.js';
import { createDisposalStack } from '../lib/process/disposal-stack.js';
import { loadConfig, readEnvironment, type Environment } from '../lib/config/index.js';
import { openDatabaseServer } from '../database-server.js';
import { findFreePort } from '../embedded-postgres/port.js';
import { createLogger, prettyDestination } from '../lib/logger.js';
import { findProgram, startProcess, type ClusterProcess } from './cluster-local/processes.js';
import { acceptsConnections, respondsOk, untilReady, type Startup } from './cluster-local/ready.js';
import { runCommand } from './run-command.js';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
/** The file that compose.yaml uses as well. src/commands and dist/commands are equally deep. */
const PROXY_SETTINGS = fileURLToPath(new URL('../../ops/haproxy/haproxy.cfg', import.meta.url));
const NODE: [string, ...string[]] = [process.execPath, '--enable-source-maps', '--max-semi-space-size=32', MAIN];

// npm run cluster:local: the services of compose.yaml as processes of this machine: two APIs, a worker, and Redis and HAProxy if
// they are installed, on DATABASE_URL or the embedded PostgreSQL. Ctrl-C stops them.
await runCommand(async (signal) => {
  const config = loadConfig();
  const logger = createLogger(
    { logLevel: 'warn' },
    { destination: process.stdout.isTTY ? await prettyDestination() : undefined },
  );
  const disposal = createDisposalStack(logger);
  const environment = readEnvironment();
  const startups: Startup[] = [];
  // After a second Ctrl-C, no process may stay behind.
  process.on('exit', () => {
    for (const { process: child } of startups) child.kill();
  });
  try {
    const database = await openDatabaseServer(config, logger);
    disposal.add('the database', () => database.close());
    signal.throwIfAborted();

    const redis = config.redisUrl ? undefined : findProgram('redis-server', '--version');
    const redisPort = await findFreePort();
    if (redis) {
      const memoryOnly = ['--port', String(redisPort), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
      const child = startProcess('redis', [redis, ...memoryOnly, '--dir', tmpdir()], environment);
      startups.push({ process: child, isReady: () => acceptsConnections(redisPort) });
      disposal.add('Redis', child.stop);
    }

    const proxy = findProgram('haproxy', '-v');
    const { host, port } = config.http;
    const url = `http://127.0.0.1:${port}`;
    const apiPorts = [proxy ? await findFreePort() : port, await findFreePort()];
    let proxyProcess: ClusterProcess | undefined;
    // Stopped after the services, whose last responses pass through it.
    disposal.add('the proxy', () => proxyProcess?.stop());

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
    const services: ClusterProcess[] = [];
    const metrics = new Map<ClusterProcess, number>();
    const start = async (name: string, settings: Environment, readyUrl?: string) => {
      const metricsPort = await findFreePort();
      const child = startProcess(name, NODE, { ...common, ...settings, METRICS_PORT: String(metricsPort) });
      services.push(child);
      metrics.set(child, metricsPort);
      startups.push({
        process: child,
        isReady: () => respondsOk(readyUrl ?? `http://127.0.0.1:${metricsPort}/metrics`),
      });
    };
    // Requests finish before the database is closed.
    disposal.add('the services', async () => {
      await Promise.all(services.map((child) => child.stop()));
    });
    for (const [index, apiPort] of apiPorts.entries()) {
      const settings = { ROLE: 'api', PORT: String(apiPort) };
      await start(`api ${index + 1}`, settings, `http://127.0.0.1:${apiPort}/readyz`);
    }
    await start('worker', { ROLE: 'worker' });

    await untilReady(startups, signal);
    if (proxy) {
      // Started last: without a ready server, it logs an alert.
      const [API_1, API_2] = apiPorts.map((each) => `127.0.0.1:${each}`);
      const env = { ...environment, PROXY_ADDRESS: `${host}:${port}`, API_1, API_2 };
      proxyProcess = startProcess('proxy', [proxy, '-db', '-f', PROXY_SETTINGS], env);
      startups.push({ process: proxyProcess, isReady: () => respondsOk(`${url}/livez`) });
      await untilReady(startups, signal);
    }
    const metricsOf = (child: ClusterProcess) =>
      `process ${child.pid}, metrics at http://127.0.0.1:${metrics.get(child)}/metrics`;
    const missing = (name: string) => `none: ${name} is not installed here`;
    show([
      ['Cluster', proxy ? config.http.publicUrl : `no proxy (haproxy is not installed here): use either API`],
      ...services.map((child, index): [string, string] => {
        const at = apiPorts[index] === undefined ? '' : `http://127.0.0.1:${apiPorts[index]}, `;
        return [child.name, at + metricsOf(child)];
      }),
      ['Redis', redis ? `redis://127.0.0.1:${redisPort}` : (config.redisUrl ?? missing('redis-server'))],
      ['Database', config.database.url ? 'DATABASE_URL' : 'embedded PostgreSQL (npm run studio, npm run db:url)'],
    ]);
    for (const { process: child } of startups) {
      void child.ended.then((how) => {
        if (!signal.aborted) process.stdout.write(`\n  ${child.name} has ended (${how}); the others go on.\n\n`);
      });
    }
    await Promise.race([Promise.all(services.map(({ ended }) => ended)), aborted(signal)]);
  } finally {
    await disposal.closeAll();
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

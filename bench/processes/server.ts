import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Service } from '../../src/service.js';
import { clock, runChild } from './child.js';
import { publishChanges, type ChangesPlan } from './publish-changes.js';
import { importService, observeQueries } from './service-under-test.js';

export interface ServerPlan {
  readonly databaseUrl: string;
  /** Maps the end of a module's path, such as `reservations.service.js`, to the file in `variants/` that replaces it. */
  readonly replace?: Readonly<Record<string, string>>;
  /** Settings other than those of production. */
  readonly settings?: Readonly<Record<string, string>>;
  /** False: requests reach a process that has served none. */
  readonly warmUp?: boolean;
  /** Allows any number of sockets per address and opens the control port. */
  readonly live?: boolean;
}

export interface ServerResult {
  readonly port: number;
  /** Serves `GET /memory`, `GET /commits` and `POST /publish` as JSON; null unless `live`. */
  readonly controlPort: number | null;
}

/** Bytes. */
export interface Memory {
  readonly rss: number;
  readonly heap: number;
}

await runChild(async ({ databaseUrl, replace, settings, warmUp = true, live = false }: ServerPlan) => {
  const { startService, config, logger } = await importService(databaseUrl, replace, settings);
  if (!live) {
    const service = await startService(config, { logger, warmUp });
    return { result: { port: service.port, controlPort: null }, close: service.stop };
  }

  const commits: number[] = [];
  observeQueries((text) => {
    if (text === 'COMMIT') commits.push(clock());
  });
  // All sockets come from the address of the load generator.
  const unlimited = { ...config, sockets: { ...config.sockets, maxPerAddress: Infinity } };
  const service = await startService(unlimited, { logger });
  // Discards the commits of the migrations.
  commits.length = 0;
  const control = createServer((req, res) => {
    void readBody(req)
      .then((body) => respond(`${req.method} ${req.url}`, body, service, commits))
      .then((result) => res.end(JSON.stringify(result)));
  }).listen(0, '127.0.0.1');
  await once(control, 'listening');
  return {
    result: { port: service.port, controlPort: (control.address() as AddressInfo).port },
    async close() {
      control.close();
      await service.stop();
    },
  };
});

async function readBody(chunks: AsyncIterable<Buffer>): Promise<string> {
  let body = '';
  for await (const chunk of chunks) body += String(chunk);
  return body;
}

async function respond(request: string, body: string, service: Service, commits: readonly number[]): Promise<unknown> {
  switch (request) {
    case 'GET /memory':
      return measureMemory();
    case 'GET /commits':
      return commits;
    case 'POST /publish':
      return publishChanges(service.context.broadcaster.publish, JSON.parse(body) as ChangesPlan);
    default:
      throw new Error(`unknown control request: ${request}`);
  }
}

/** Memory after garbage collection. */
function measureMemory(): Memory {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heap: heapUsed + external };
}

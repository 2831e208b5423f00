import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import pg from 'pg';
import type { Service } from '../../src/service.js';
import type { PgClientClass } from '../../src/lib/db/database.js';
import { announceChanges, type Announcement } from './announce-changes.js';
import { runChild } from './child.js';
import { clock } from './clock.js';
import { replaceModules } from './replace-modules.js';
import { productionConfig } from './service-settings.js';

/** The whole service, which can be asked what it costs on a port of its own. */
export interface LiveServerPlan {
  readonly databaseUrl: string;
  /** File in `variants/` that takes the place of the service's `drop-channel.js`. */
  readonly channel?: string;
}

export interface LiveServerResult {
  readonly port: number;
  /** Answers `GET /memory`, `GET /commits` and `POST /announce` with JSON. */
  readonly controlPort: number;
}

/** Bytes. */
export interface Memory {
  readonly rss: number;
  readonly heap: number;
}

await runChild(async ({ databaseUrl, channel }: LiveServerPlan) => {
  const assertReplaced = replaceModules(channel === undefined ? {} : { 'realtime/broadcast/drop-channel.js': channel });
  // Only now: what is imported before the hook is in place stays as it is.
  const [{ startService }, { createLogger }] = await Promise.all([
    import('../../src/service.js'),
    import('../../src/lib/logger.js'),
  ]);
  const config = productionConfig(databaseUrl);
  const { PgClient, commits } = notingCommits();
  const service = await startService(
    // Thousands of clients of one machine are no attack here.
    { ...config, sockets: { ...config.sockets, maxPerAddress: Infinity } },
    { logger: createLogger(config), PgClient },
  );
  assertReplaced();
  const control = createServer((req, res) => {
    void readBody(req)
      .then((body) => answer(`${req.method} ${req.url}`, body, service, commits))
      .then((found) => res.end(JSON.stringify(found)));
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

async function answer(request: string, body: string, service: Service, commits: readonly number[]): Promise<unknown> {
  switch (request) {
    case 'GET /memory':
      return measureMemory();
    case 'GET /commits':
      return commits;
    case 'POST /announce':
      return announceChanges(service.context.broadcaster.publish, JSON.parse(body) as Announcement);
    default:
      throw new Error(`no such request: ${request}`);
  }
}

/** What is left when everything that nobody needs is gone. */
function measureMemory(): Memory {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heap: heapUsed + external };
}

type Send = (call: string | { text: string }, ...rest: unknown[]) => unknown;

/** A client class that notes when each transaction was told to commit: from then on its change may be seen. */
function notingCommits(): { PgClient: PgClientClass; commits: number[] } {
  const commits: number[] = [];
  const PgClient = class extends pg.Client {
    constructor(settings?: string | pg.ClientConfig) {
      super(settings);
      const send = this.query.bind(this) as Send;
      const query: Send = (call, ...rest) => {
        if ((typeof call === 'string' ? call : call.text) === 'COMMIT') commits.push(clock());
        return send(call, ...rest);
      };
      this.query = query as typeof this.query;
    }
  };
  return { PgClient, commits };
}

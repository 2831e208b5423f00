import { readdir, readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { pino } from 'pino';
import type { Response } from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTemporaryPostgres } from '../../src/embedded-postgres/index.js';
import { QUEUE_TIMEOUT_MS } from '../../src/lib/batcher.js';
import { POOL_TIME_LIMITS } from '../../src/lib/db/pool-settings.js';
import { startTestApp, type TestApp } from '../helpers/app.js';
import { until } from '../helpers/locks.js';

// The processes of a separate PostgreSQL are stopped and killed while the service is in use.

const MIN_STOP_DURATION_MS = 10_000;

let server: Awaited<ReturnType<typeof openTemporaryPostgres>>;
let client: pg.Pool;
let app: TestApp;
/** Control: a service without a read timeout. */
let appWithoutTimeout: TestApp;

beforeAll(async () => {
  server = await openTemporaryPostgres({
    logger: pino({ level: 'silent' }),
    // Confirmed writes must survive SIGKILL of the database.
    settings: { synchronous_commit: 'on' },
  });
  client = new pg.Pool({ connectionString: server.url, max: 2 });
  client.on('error', () => undefined);
  const database = {
    url: server.url,
    query: client.query.bind(client) as TestApp['database']['query'],
    drop: () => client.end(),
  };
  const limits = { poolTimeLimits: POOL_TIME_LIMITS, queueTimeoutMs: QUEUE_TIMEOUT_MS };
  app = await startTestApp({ database, ...limits, env: { ROLE: 'all', RESERVATION_TTL_SECONDS: '3' } });
  appWithoutTimeout = await startTestApp({ database, ...limits, PgClient: ClientWithoutReadTimeout });
});

afterAll(async () => {
  // A failed test may have left the database stopped.
  await signal('SIGCONT');
  await appWithoutTimeout.close();
  await app.close();
  await client.end();
  await server.close();
});

class ClientWithoutReadTimeout extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    const socket = this.connection.stream as Socket;
    socket.setTimeout = () => socket;
  }
}

/** Returns the pids of the postmaster and its child processes. */
async function processes(): Promise<number[]> {
  const [postmaster] = (await readFile(`${server.dataFolder}/postmaster.pid`, 'utf8')).split('\n').map(Number);
  if (!postmaster) throw new Error('no postmaster');
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    }),
  );
  return [postmaster, ...pids.filter((_, index) => parents[index] === postmaster)];
}

async function signal(name: NodeJS.Signals): Promise<void> {
  for (const pid of await processes()) process.kill(pid, name);
}

function isServedOrUnavailable({ status, headers, body }: Response): boolean {
  return (
    status < 300 ||
    (status === 503 && headers['retry-after'] === '1' && /^(unavailable|overloaded|outcome-unknown)$/.test(body.code))
  );
}

describe.runIf(process.platform === 'linux').sequential('a database', () => {
  it('that is stopped for ten seconds or longer leaves no request without a response meanwhile', async () => {
    const [users, holder, dropId, other] = await Promise.all([
      app.createUsers(600),
      app.createUser(),
      app.createDrop({ total_stock: 1_000 }),
      app.createDrop(),
    ]);
    // This hold expires while the database is stopped.
    await app.reserve(holder, other).expect(201);
    // Open connections before the database stops.
    const warmUp = Array.from({ length: 40 }, () =>
      [app, appWithoutTimeout].map(({ http }) => http.get(`/api/drops/${dropId}`)),
    );
    await Promise.all(warmUp.flat());
    await signal('SIGSTOP');
    const stoppedAt = performance.now();
    const readDrop = ({ http }: TestApp) =>
      Array.from({ length: 50 }, () => Promise.resolve(http.get(`/api/drops/${dropId}`)));
    const readsWithoutTimeout = readDrop(appWithoutTimeout);
    let waitingWithoutTimeout = readsWithoutTimeout.length;
    for (const read of readsWithoutTimeout) void read.finally(() => (waitingWithoutTimeout -= 1));
    const sendRequests = (count: number) => [
      ...readDrop(app),
      ...users.splice(0, count).map((user) => Promise.resolve(app.reserve(user, dropId))),
      Promise.resolve(app.http.get('/readyz')),
    ];
    const requests = sendRequests(300);
    await sleep(2_000);
    requests.push(...sendRequests(300));
    await app.http.get('/livez').expect(200);
    const responses = await Promise.all(requests);
    await sleep(Math.max(0, MIN_STOP_DURATION_MS - (performance.now() - stoppedAt)));
    const stillWaiting = waitingWithoutTimeout;
    await signal('SIGCONT');
    await until('readiness', async () => (await app.http.get('/readyz')).status === 200);
    await until('the overdue hold to be swept', async () => (await app.http.get(`/api/drops/${other}`)).body.data.reservedStock === 0); // prettier-ignore

    // Control: without a read timeout, some reads still waited when all others had their responses.
    expect(stillWaiting).toBeGreaterThan(0);
    await Promise.all(readsWithoutTimeout);
    expect(
      responses.filter((response) => !isServedOrUnavailable(response)).map(({ status, body }) => [status, body]),
    ).toEqual([]);
    await app.reserve(holder, dropId).expect(201);
    expect(await app.mismatches()).toEqual([]);
  });

  it('that is killed and restarted is used again without a restart of the service', async () => {
    const [user, dropId] = await Promise.all([app.createUser(), app.createDrop()]);
    await app.reserve(user, dropId).expect(201);
    await signal('SIGKILL');
    const refused = await app.reserve(user, dropId);
    expect([refused.status, refused.body.code, refused.headers['retry-after']]).toEqual([503, 'unavailable', '1']);
    await app.http.get('/livez').expect(200);
    // openTemporaryPostgres restarts the server.
    await until('readiness', async () => (await app.http.get('/readyz')).status === 200);
    await until('the hold to be swept', async () => (await app.http.get(`/api/drops/${dropId}`)).body.data.reservedStock === 0); // prettier-ignore
    await app.reserve(user, dropId).expect(201);
    expect(await app.mismatches()).toEqual([]);
  });
});

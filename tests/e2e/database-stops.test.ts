import { readdir, readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { pino } from 'pino';
import type { Response } from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTemporaryPostgres } from '../../src/embedded-postgres/index.js';
import { startTestApp, type TestApp } from '../helpers/app.js';
import { until } from '../helpers/locks.js';

// The processes of a separate PostgreSQL are stopped and killed while the service is in use.

/** How long the database is stopped, in ms. */
const STALL = 10_000;
/** In ms: ten seconds in a queue, the connect timeout, and a margin for a busy machine. */
const DEADLINE = 60_000;

let server: Awaited<ReturnType<typeof openTemporaryPostgres>>;
let client: pg.Pool;
let app: TestApp;
/** Control: a service without a read timeout. */
let patient: TestApp;

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
  app = await startTestApp({ database, env: { ROLE: 'all', RESERVATION_TTL_SECONDS: '3' } });
  patient = await startTestApp({ database, PgClient: Patient });
});

afterAll(async () => {
  // A failed test may have left the database stopped.
  await signal('SIGCONT');
  await patient.close();
  await app.close();
  await client.end();
  await server.close();
});

class Patient extends pg.Client {
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

interface Timed {
  readonly answer: Response;
  readonly took: number;
}

async function timed(request: PromiseLike<Response>): Promise<Timed> {
  const start = performance.now();
  const answer = await request;
  return { answer, took: performance.now() - start };
}

function isServedOrTold({ answer: { status, headers, body } }: Timed): boolean {
  return (
    status < 300 ||
    (status === 503 && headers['retry-after'] === '1' && /^(unavailable|overloaded|outcome-unknown)$/.test(body.code))
  );
}

describe.runIf(process.platform === 'linux').sequential('a database', () => {
  it('that is stopped for ten seconds delays no response beyond its limit, and no request stays in a queue', async () => {
    const [users, due, dropId, other] = await Promise.all([
      app.createUsers(600),
      app.createUser(),
      app.createDrop({ total_stock: 1_000 }),
      app.createDrop(),
    ]);
    // This hold expires while the database is stopped.
    await app.reserve(due, other).expect(201);
    // Open connections before the database stops.
    const warm = Array.from({ length: 40 }, () => [app, patient].map(({ http }) => http.get(`/api/drops/${dropId}`)));
    await Promise.all(warm.flat());
    await signal('SIGSTOP');
    const since = performance.now();
    const waiting = { here: 0, there: 0 };
    const look = (where: keyof typeof waiting, { http }: TestApp) =>
      Array.from({ length: 50 }, () => {
        waiting[where] += 1;
        return timed(http.get(`/api/drops/${dropId}`)).finally(() => (waiting[where] -= 1));
      });
    const patience = look('there', patient);
    const ask = (count: number) => [
      ...look('here', app),
      ...users.splice(0, count).map((user) => timed(app.reserve(user, dropId))),
      timed(app.http.get('/readyz')),
    ];
    const waves = ask(300);
    await sleep(2_000);
    waves.push(...ask(300));
    const alive = await timed(app.http.get('/livez'));
    await sleep(Math.max(0, STALL - (performance.now() - since)));
    const stillWaiting = { ...waiting };
    await signal('SIGCONT');
    await until('readiness', async () => (await app.http.get('/readyz')).status === 200);
    await until('what came due to be swept', async () => (await app.http.get(`/api/drops/${other}`)).body.data.reservedStock === 0); // prettier-ignore

    // Every GET has its response while the database is still stopped; without a read timeout, some still wait.
    expect(stillWaiting).toEqual({ here: 0, there: expect.any(Number) as number });
    expect(stillWaiting.there).toBeGreaterThan(0);
    const answers = await Promise.all(waves);
    await Promise.all(patience);
    expect(answers.filter((each) => !isServedOrTold(each)).map(({ answer }) => [answer.status, answer.body])).toEqual(
      [],
    );
    expect(Math.max(...answers.map(({ took }) => took))).toBeLessThan(DEADLINE);
    expect([alive.answer.status, alive.took < STALL - 2_000]).toEqual([200, true]);
    await app.reserve(due, dropId).expect(201);
    expect(await app.mismatches()).toEqual([]);
  });

  it('that is killed and restarted is used again without a restart of the service', async () => {
    const [user, dropId] = await Promise.all([app.createUser(), app.createDrop()]);
    await app.reserve(user, dropId).expect(201);
    await signal('SIGKILL');
    const { answer: told } = await timed(app.reserve(user, dropId));
    expect([told.status, told.body.code, told.headers['retry-after']]).toEqual([503, 'unavailable', '1']);
    await app.http.get('/livez').expect(200);
    // openTemporaryPostgres restarts the server.
    await until('readiness', async () => (await app.http.get('/readyz')).status === 200);
    await until('the hold to be swept', async () => (await app.http.get(`/api/drops/${dropId}`)).body.data.reservedStock === 0); // prettier-ignore
    await app.reserve(user, dropId).expect(201);
    expect(await app.mismatches()).toEqual([]);
  });
});

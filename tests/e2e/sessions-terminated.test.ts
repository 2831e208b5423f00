import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildIfNeeded } from '../../scripts/build-if-needed.mjs';
import { openTemporaryPostgres } from '../../src/embedded-postgres/index.js';
import { startTestApp, type TestApp, type TestUser } from '../helpers/app.js';
import { until } from '../helpers/locks.js';
import { startServiceProcess, type ServiceProcess } from '../helpers/service-process.js';

// Every database session is terminated repeatedly while API and worker processes are in use, as an administrator, a failover
// or a pooler's restart does. The sessions are connecting, idle, checked out, in a transaction or being released.

const TERMINATIONS = 60;
const BUYERS = 40;
let server: Awaited<ReturnType<typeof openTemporaryPostgres>>;
let admin: pg.Pool;
let app: TestApp;

beforeAll(async () => {
  await buildIfNeeded();
  server = await openTemporaryPostgres({ logger: pino({ level: 'silent' }) });
  admin = new pg.Pool({ connectionString: server.url, max: 2, application_name: 'test' });
  admin.on('error', () => undefined);
  const database = {
    url: server.url,
    query: admin.query.bind(admin) as TestApp['database']['query'],
    drop: () => admin.end(),
  };
  app = await startTestApp({ database });
});

afterAll(async () => {
  await app.close();
  await admin.end();
  await server.close();
});

/** Terminates every session except those of the test. */
async function terminateAll(): Promise<void> {
  await admin.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE backend_type = 'client backend' AND application_name <> 'test' AND pid <> pg_backend_pid()`,
  );
}

/** Reserves, purchases and reads until `isOver`, and counts the statuses of the responses. */
async function sendRequests(
  service: ServiceProcess,
  user: TestUser,
  drops: readonly string[],
  isOver: () => boolean,
  statuses: Map<number, number>,
): Promise<void> {
  // prettier-ignore
  const count = <T extends { readonly status: number }>(response: T): T => {
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    return response;
  };
  for (let round = 0; !isOver(); round += 1) {
    const dropId = drops[round % drops.length] ?? '';
    const { status, body } = count(await service.post('/api/reservations', { dropId }, user.token));
    const id = body.data?.reservation?.id;
    if (status === 201 && id !== undefined && round % 2 === 0) {
      count(await service.post('/api/purchases', { reservationId: id }, user.token));
    }
    count(await service.get(`/api/drops/${dropId}`));
  }
}

it('terminated database sessions end no process, and every request gets a correct response', async () => {
  const env = {
    DATABASE_URL: server.url,
    LOG_LEVEL: 'warn',
    RESERVATION_TTL_SECONDS: '1',
    METRICS_PORT: '',
  };
  const services = await Promise.all([startServiceProcess(env), startServiceProcess(env)]);
  const worker = await startServiceProcess({ ...env, ROLE: 'worker' });
  const processes = [...services, worker];
  const exits: (number | NodeJS.Signals)[] = [];
  for (const each of processes) void each.ended().then((end) => exits.push(end));
  const [users, drops] = await Promise.all([
    app.createUsers(BUYERS),
    Promise.all(Array.from({ length: 4 }, () => app.createDrop({ total_stock: 100_000 }))),
  ]);
  const statuses = new Map<number, number>();
  let isOver = false;
  const clients = users.map((user, index) => sendRequests(services[index % 2] as ServiceProcess, user, drops, () => isOver, statuses)); // prettier-ignore
  const failed = Promise.all(clients).then(
    () => undefined,
    (error: unknown) => error,
  );
  for (let time = 0; time < TERMINATIONS && exits.length === 0; time += 1) {
    await terminateAll();
    await sleep(Math.random() * 60);
  }
  const survived = exits.length === 0;
  isOver = true;
  expect(survived, processes.map((each) => each.output().slice(-3_000)).join('\n')).toBe(true);
  expect(await failed).toBeUndefined();

  // Each response reports a success, a refusal by a rule, or 503 for a retry.
  expect([...statuses.keys()].filter((status) => ![200, 201, 400, 404, 409, 410, 503].includes(status))).toEqual([]);
  expect(statuses.get(201)).toBeGreaterThan(0);
  await until('readiness', async () => (await Promise.all(services.map((each) => each.get('/readyz')))).every(({ status }) => status === 200)); // prettier-ignore
  const held = () => admin.query<{ count: number }>(`SELECT count(*)::int FROM reservations WHERE status = 'active'`);
  await until('every hold to expire', async () => (await held()).rows[0]?.count === 0);
  expect(await app.mismatches()).toEqual([]);

  // Sessions are terminated during the shutdown too.
  for (const each of processes) each.signal('SIGTERM');
  while (exits.length < processes.length) {
    await terminateAll();
    await sleep(5);
  }
  expect(exits).toEqual([0, 0, 0]);
});

import { randomInt, randomUUID } from 'node:crypto';
import { once, setMaxListeners } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Server } from 'socket.io';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildIfNeeded } from '../../../scripts/build-if-needed.mjs';
import { findFreePort } from '../../helpers/free-port.js';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { until } from '../../helpers/locks.js';
import { startProgram } from '../../helpers/processes.js';
import { openTcpProxy } from '../../helpers/tcp-proxy.js';
import {
  createRandom,
  differences,
  pick,
  injectFaults,
  trade,
  watch,
  type FaultRun,
  type Watcher,
} from './faults-support.js';

const CLIENTS = 200;
const DROPS = 6;
const FOLLOWED_DROPS = 3;
const TRADERS = 10;
/** The faults last at least this long, and until they have affected enough clients. */
const MIN_DURATION_MS = 6_000;
/** Ends a test that hangs: a free machine needs 10 s, because a stalled connection is replaced after 8 s. */
const SETTLE_TIMEOUT_MS = 600_000;
const TEST_TIMEOUT_MS = 900_000;
const TTL_SECONDS = 2;
const SECRET = 'a secret that is long enough for a test';

const cleanups: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  await buildIfNeeded();
});

afterEach(async () => {
  for (let close = cleanups.pop(); close; close = cleanups.pop()) await close();
});

async function database(): Promise<TestDatabase> {
  const created = await createTestDatabase();
  cleanups.push(() => created.drop());
  return created;
}

async function service(of: TestDatabase, { pollLedger = true, role = 'api' } = {}): Promise<TestApp> {
  const env = { ROLE: role, RESERVATION_TTL_SECONDS: String(TTL_SECONDS) };
  const app = await startTestApp({ database: of, pollLedger, env });
  cleanups.push(() => app.close());
  return app;
}

/** A service in its own process, which a test can kill. */
async function processOf({ url: databaseUrl }: TestDatabase) {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const program = startProgram('main', {
    NODE_ENV: 'test',
    ROLE: 'api',
    HOST: '127.0.0.1',
    PORT: String(port),
    DATABASE_URL: databaseUrl,
    JWT_SECRET: SECRET,
    RATE_LIMIT_ENABLED: 'false',
    RESERVATION_TTL_SECONDS: String(TTL_SECONDS),
    LOG_LEVEL: 'error',
  });
  const kill = async () => {
    program.signal('SIGKILL');
    await program.ended();
  };
  cleanups.push(kill);
  const isReady = () => fetch(`${url}/readyz`).then(({ ok }) => ok, () => false); // prettier-ignore
  await until('the process to be ready', isReady);
  return { url, kill };
}

function watchAll(url: string, count: number, dropIds: readonly string[]): Watcher[] {
  const watchers = Array.from({ length: count }, (_, index) => {
    const followed = Array.from({ length: FOLLOWED_DROPS }, (_, next) => dropIds[(index + next) % DROPS] ?? '');
    return watch(url, index % 8 === 0 ? undefined : followed, dropIds);
  });
  cleanups.push(async () => {
    for (const { feed } of watchers) feed.close();
  });
  return watchers;
}

async function untilAllAreCurrent(
  watchers: readonly Watcher[],
  of: TestDatabase,
  timeoutMs = SETTLE_TIMEOUT_MS,
): Promise<string[]> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const wrong = await differences(watchers, of);
    if (wrong.length === 0 || Date.now() > end) return wrong;
    await sleep(100);
  }
}

it(
  `${CLIENTS} clients on a bad network with three services, one of them killed, end with the current state`,
  async () => {
    const seed = Number(process.env.FAULTS_SEED ?? randomInt(2 ** 31));
    const random = createRandom(seed);
    const db = await database();
    const [first, second] = [await service(db, { role: 'all' }), await service(db)];
    const killed = await processOf(db);
    let services = [first.url, second.url, killed.url];
    const dropIds = await Promise.all(Array.from({ length: DROPS }, () => first.createDrop({ total_stock: 60 })));
    const users = await first.createUsers(100);

    const stop = new AbortController();
    setMaxListeners(0, stop.signal);
    let startFaults: () => void = () => undefined;
    const started = new Promise<void>((resolve) => (startFaults = resolve));
    const run: FaultRun = { started, stop: stop.signal, count: { cut: 0, stall: 0, delay: 0 } };
    const faults: Promise<void>[] = [];
    const proxy = await openTcpProxy(() => Number(new URL(pick(random, services)).port), {
      intercept(connection) {
        faults.push(injectFaults(connection, createRandom(seed + proxy.connectionCount), run));
        return undefined;
      },
    });
    cleanups.push(() => proxy.close());
    const watchers: Watcher[] = [];
    // In groups, because a busy machine does not connect all of them within the time after which each tries again.
    while (watchers.length < CLIENTS) {
      watchers.push(...watchAll(proxy.url, CLIENTS / 10, dropIds));
      await until('most clients to connect', () => count(watchers, 1) > watchers.length * 0.9);
    }

    const successCounts = new Map<string, number>();
    const trading = Array.from({ length: TRADERS }, (_, index) =>
      trade({
        services: () => services,
        dropIds,
        users,
        random: createRandom(seed - 1 - index),
        successCounts,
        stop: stop.signal,
      }),
    );
    const startedAt = Date.now();
    startFaults();
    await until('every service to serve requests', () =>
      [first, second, killed].every(({ url }) => (successCounts.get(url) ?? 0) > 10),
    );
    await killed.kill();
    services = services.slice(0, 2);
    await db.query(`UPDATE drops SET name = 'Edited by hand', total_stock = total_stock + 5`);
    await until('most clients to reconnect', () => count(watchers, 2) > CLIENTS / 2);
    await sleep(startedAt + MIN_DURATION_MS - Date.now());
    stop.abort();
    await Promise.all([...trading, ...faults]);

    const { rows } = await db.query<{ changes: number }>('SELECT sum(version)::int AS changes FROM drops');
    const summary = `seed ${seed}, ${JSON.stringify({ ...run.count, ...rows[0], connections: proxy.connectionCount })}`;
    await until('every hold to be settled', async () => {
      const { rowCount } = await db.query(`SELECT FROM reservations WHERE status = 'active'`);
      return rowCount === 0;
    });
    expect(await untilAllAreCurrent(watchers, db), summary).toEqual([]);
    expect(
      watchers.flatMap(({ contradictions }) => contradictions),
      summary,
    ).toEqual([]);

    expect(rows[0]?.changes, summary).toBeGreaterThan(100);
  },
  TEST_TIMEOUT_MS,
);

/** The number of clients with at least this many connections. */
function count(watchers: readonly Watcher[], times: number): number {
  return watchers.filter(({ connections }) => connections >= times).length;
}

describe('the check of this test detects', () => {
  it.for([{ pollLedger: true }, { pollLedger: false }])(
    'a lost broadcast, with the ledger poller: $pollLedger',
    async ({ pollLedger }) => {
      const db = await database();
      const [served, other] = [await service(db, { pollLedger }), await service(db, { pollLedger })];
      // On a busy machine a client may reconnect meanwhile, and receive the change in its new snapshot.
      await until('the expected state of the clients', async () => {
        const dropIds = await Promise.all(Array.from({ length: DROPS }, () => served.createDrop()));
        const watchers = watchAll(served.url, 20, dropIds);
        await served.reserve(await served.createUser(), dropIds[0] ?? '').expect(201);
        expect(await untilAllAreCurrent(watchers, db)).toEqual([]);
        // No client is connected to the other service: its broadcast is lost.
        await other.reserve(await other.createUser(), dropIds[0] ?? '').expect(201);
        const wrong = await untilAllAreCurrent(watchers, db, pollLedger ? SETTLE_TIMEOUT_MS : 2_000);
        return pollLedger
          ? wrong.length === 0
          : wrong.some((text) => /^client 0: .*"version":2,.* expected .*"version":3,/.test(text));
      });
    },
  );

  it('a falling version, which no client presents', async () => {
    const dropId = randomUUID();
    const snapshot = (version: number) => ({ dropId, availableStock: version, version, status: 'live' });
    const http = createServer();
    const sockets = new Server(http);
    sockets.on('connection', (socket) => {
      socket.on('drops:subscribe', (_payload, acknowledge: (acknowledgement: object) => void) => {
        acknowledge({ drops: [snapshot(5)], serverTime: new Date().toISOString() });
        for (const version of [6, 8, 7, 8]) socket.emit('inventory_update', snapshot(version));
      });
    });
    await once(http.listen(0, '127.0.0.1'), 'listening');
    cleanups.push(() => sockets.close());
    const [watcher] = watchAll(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, 1, [dropId]);
    await until('the updates to arrive', () => watcher?.contradictions.length === 2);
    expect(watcher?.contradictions).toEqual([
      'connection 1: inventory_update 7 after 8',
      'connection 1: inventory_update 8 after 8',
    ]);
    expect(watcher?.feed.get(dropId)?.version).toBe(8);
  });
});

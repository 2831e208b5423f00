import { setTimeout as sleep } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createLogger } from '../../../src/lib/logger.js';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { openDatabaseProxy, type DatabaseProxy } from '../../helpers/database-proxy.js';
import { until } from '../../helpers/locks.js';

// The database is unreachable while requests, socket calls, the worker, the ledger poller and the metrics use it.

interface Line {
  readonly level: number;
  readonly time: string;
  readonly msg: string;
  readonly cause?: string;
  readonly count?: number;
  readonly affected?: Readonly<Record<string, number>>;
  readonly requestsFailed?: number;
  readonly durationMs?: number;
  readonly err?: unknown;
}

const OUTAGE_BEGINS = 'Connections to the database fail: an outage begins';
const OUTAGE_ENDS = 'Connections to the database are made again: the outage is over';
const DATABASE_FAILED = 'The database could not be used';
const REQUESTS = 400;
/** pino's level for warnings. */
const WARN_LEVEL = 40;

let database: TestDatabase;
let proxy: DatabaseProxy;
let app: TestApp;
let lines: Line[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await openDatabaseProxy(database.url);
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Line) };
  const logger = createLogger({ logLevel: 'info' }, { destination });
  app = await startTestApp({ database, env: { DATABASE_URL: proxy.url, ROLE: 'all' }, logger, pollLedger: true });
});

afterAll(async () => {
  await app.close();
  await proxy.close();
  await database.drop();
});

beforeEach(() => {
  lines = [];
});

const warnings = () => lines.filter(({ level }) => level >= WARN_LEVEL);
const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

/** Sends requests and socket calls while the database is unreachable. Returns how many got 503. */
async function sendRequests(): Promise<number> {
  const [users, dropId] = await Promise.all([app.createUsers(REQUESTS / 2), app.createDrop({ total_stock: REQUESTS })]);
  const socket = io(app.url, { transports: ['websocket'], forceNew: true });
  await until('the socket to connect', () => socket.connected);
  await proxy.cut();
  const statuses: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    const requests = users
      .splice(0, REQUESTS / 8)
      .flatMap((user) => [
        app.reserve(user, dropId).then(({ status }) => statuses.push(status)),
        app.http.get(`/api/drops/${dropId}`).then(({ status }) => statuses.push(status)),
      ]);
    requests.push(socket.timeout(90_000).emitWithAck('drops:subscribe', { dropIds: [dropId] }).then(({ error }: { error?: object }) => statuses.push(error ? 503 : 200))); // prettier-ignore
    await Promise.all([...requests, app.context.metrics.registry.metrics()]);
    await sleep(400);
  }
  socket.close();
  await proxy.restore();
  expect(statuses.filter((status) => status !== 503)).toEqual([]);
  return statuses.length;
}

it('an outage logs its start, at most one line per cause and second, and its end with the number of failed requests', async () => {
  const startedAt = performance.now();
  const failed = await sendRequests();
  await until('the end of the outage to be logged', () => lines.some(({ msg }) => msg === OUTAGE_ENDS));
  const tookMs = performance.now() - startedAt;

  const logged = warnings();
  expect(logged[0]?.msg).toBe(OUTAGE_BEGINS);
  expect(logged.at(-1)).toMatchObject({ msg: OUTAGE_ENDS, requestsFailed: failed });
  expect(logged.at(-1)?.durationMs).toBeGreaterThan(1_000);
  expect(logged.filter(({ msg }) => msg === OUTAGE_BEGINS || msg === OUTAGE_ENDS)).toHaveLength(2);

  // The lines between count all failures by cause: requests, socket calls and background tasks.
  const counted = logged.filter(({ msg }) => msg === DATABASE_FAILED);
  expect(counted.length).toBe(logged.length - 2);
  const affectedCount = (kind: string) => sum(counted.map(({ affected }) => affected?.[kind] ?? 0));
  expect(affectedCount('request') + affectedCount('socket call')).toBe(failed);
  for (const kind of ['request', 'socket call', 'sweep', 'ledger poll', 'metrics'])
    expect([kind, affectedCount(kind)]).not.toEqual([kind, 0]);
  const causes = new Set(counted.map(({ cause }) => cause));
  expect(counted.length).toBeLessThanOrEqual(causes.size * (Math.ceil(tookMs / 1_000) + 1));
  // With one line per failure, the log would be far longer.
  expect(sum(counted.map(({ count = 0 }) => count))).toBeGreaterThan(counted.length * 5);
  expect(sum(counted.map(({ count = 0 }) => count))).toBeGreaterThan(REQUESTS);
  expect(
    logged.filter(({ err }) => err !== undefined),
    'no stack traces',
  ).toEqual([]);
  // The whole log of the outage is short.
  expect(logged.map((line) => JSON.stringify(line).length).reduce((a, b) => a + b)).toBeLessThan(50_000);
});

it('a loss of idle connections is logged as an outage without failed requests', async () => {
  await until('the loss to be logged', () => {
    // A loss during a read is followed by a retry and not logged.
    for (const each of proxy.open) each.cut();
    return warnings().length > 0;
  });
  await until('the end of the outage to be logged', () => lines.some(({ msg }) => msg === OUTAGE_ENDS));
  expect(warnings()[0]?.msg).toBe(OUTAGE_BEGINS);
  expect(warnings().at(-1)).toMatchObject({ msg: OUTAGE_ENDS, requestsFailed: 0 });
});

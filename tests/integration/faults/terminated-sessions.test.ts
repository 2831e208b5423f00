import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { openTcpProxy, type TcpProxy } from '../../helpers/tcp-proxy.js';

// PostgreSQL terminates a session right after a response, so that both messages arrive together: while the session connects, is
// checked out, runs a transaction or is released. No error may remain without a listener after any response.

/** The last message of a terminated session: ADMIN_SHUTDOWN, 57P01. */
const ADMIN_SHUTDOWN = errorResponse(
  'SFATAL',
  'VFATAL',
  'C57P01',
  'Mterminating connection due to administrator command',
);
/** ReadyForQuery, outside a transaction and within one. It ends each response. */
const READY_FOR_QUERY = ['I', 'T'].map((status) => Buffer.from(['Z'.charCodeAt(0), 0, 0, 0, 5, status.charCodeAt(0)]));
/** Number of rounds, more than the number of responses to the requests of a round. */
const ROUNDS = 40;

function errorResponse(...fields: string[]): Buffer {
  const body = Buffer.from(`${fields.join('\0')}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

let database: TestDatabase;
let proxy: TcpProxy;
let app: TestApp;
/** Errors that the service logs for a response of 500, with their stacks. */
let loggedErrors: string[];
/** Number of responses until a session is terminated; undefined: no session is. */
let responsesLeft: number | undefined;
/** Counts only responses that contain this text; undefined: all responses that end with ReadyForQuery. */
let countedText: string | undefined;

beforeEach(async () => {
  responsesLeft = undefined;
  countedText = undefined;
  loggedErrors = [];
  const logger = pino({ level: 'error' }, { write: (line) => loggedErrors.push(line) });
  database = await createTestDatabase();
  const target = new URL(database.url);
  proxy = await openTcpProxy(() => Number(target.port || 5432), {
    host: target.hostname,
    intercept: (connection) => ({
      onRequest: () => undefined,
      onResponse(chunk) {
        if (
          responsesLeft === undefined ||
          !READY_FOR_QUERY.some((ready) => chunk.subarray(-ready.length).equals(ready))
        )
          return true;
        if (countedText !== undefined && !chunk.includes(countedText)) return true;
        responsesLeft -= 1;
        if (responsesLeft > 0) return true;
        responsesLeft = undefined;
        setImmediate(() => setTimeout(() => { connection.cut(); }, 5)); // prettier-ignore
        return Buffer.concat([chunk, ADMIN_SHUTDOWN]);
      },
    }),
  });
  const url = new URL(database.url);
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  url.searchParams.set('connection_limit', '2');
  app = await startTestApp({ database, env: { DATABASE_URL: url.toString() }, pollLedger: false, logger });
});

afterEach(async () => {
  responsesLeft = undefined;
  await app.close();
  await proxy.close();
  await database.drop();
});

it('a session that is terminated right after any of its responses leaves no error without a listener', async () => {
  const uncaught: unknown[] = [];
  const record = (error: unknown) => uncaught.push(error);
  process.on('uncaughtException', record);
  const statuses = new Set<number>();
  try {
    for (let round = 1; round <= ROUNDS; round += 1) {
      const [user, dropId] = [await app.createUser(), await app.createDrop()];
      // Every fifth round starts with new connections.
      if (round % 5 === 0) for (const each of proxy.open) each.cut();
      responsesLeft = (round % 12) + 1;
      const held = await app.reserve(user, dropId);
      const id: unknown = held.body.data?.reservation?.id;
      const responses = [held, await app.http.get(`/api/drops/${dropId}`)];
      if (typeof id === 'string') responses.push(await app.purchase(user, id));
      for (const { status } of responses) statuses.add(status);
    }
  } finally {
    process.off('uncaughtException', record);
  }
  expect(uncaught).toEqual([]);
  expect(
    [...statuses].filter((status) => ![200, 201, 503].includes(status)),
    loggedErrors.join(''),
  ).toEqual([]);
  expect(await app.mismatches()).toEqual([]);
});

it('a session that is terminated after its BEGIN, before it discards old plans, is replaced', async () => {
  const users = await app.createUsers(6);
  const dropId = await app.createDrop({ total_stock: 100 });
  countedText = 'BEGIN\0';
  for (const user of users) {
    // A session has plans from its second transaction on, and discards plans older than 250 ms.
    await app.reserve(await app.createUser(), dropId).expect(201);
    await sleep(300);
    responsesLeft = 1;
    const { status } = await app.reserve(user, dropId);
    expect(status, loggedErrors.join('')).toBe(201);
    expect(responsesLeft).toBeUndefined();
  }
  expect(await app.mismatches()).toEqual([]);
});

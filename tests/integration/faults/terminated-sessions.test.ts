import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { openTcpProxy, type TcpProxy } from '../../helpers/tcp-proxy.js';

// PostgreSQL terminates a session right after an answer, so that both messages arrive together: while the session connects, is
// checked out, runs a transaction or is released. No error may remain without a listener after any answer.

/** The last message of a terminated session: FATAL, 57P01. */
const FATAL = errorResponse('SFATAL', 'VFATAL', 'C57P01', 'Mterminating connection due to administrator command');
/** ReadyForQuery, outside a transaction and within one. It ends each answer. */
const READY = ['I', 'T'].map((status) => Buffer.from(['Z'.charCodeAt(0), 0, 0, 0, 5, status.charCodeAt(0)]));
/** Number of rounds, more than the number of answers to the requests of a round. */
const MAX_ANSWERS = 40;

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
let defects: string[];
/** Number of answers until a session is terminated; undefined: no session is. */
let left: number | undefined;
/** Counts only answers that contain this text; undefined: all answers that end with ReadyForQuery. */
let counted: string | undefined;

beforeEach(async () => {
  left = undefined;
  counted = undefined;
  defects = [];
  const logger = pino({ level: 'error' }, { write: (line) => defects.push(line) });
  database = await createTestDatabase();
  const target = new URL(database.url);
  proxy = await openTcpProxy(() => Number(target.port || 5432), {
    host: target.hostname,
    befall: (connection) => ({
      asked: () => undefined,
      answered(chunk) {
        if (left === undefined || !READY.some((ready) => chunk.subarray(-ready.length).equals(ready))) return true;
        if (counted !== undefined && !chunk.includes(counted)) return true;
        left -= 1;
        if (left > 0) return true;
        left = undefined;
        setImmediate(() => setTimeout(() => { connection.cut(); }, 5)); // prettier-ignore
        return Buffer.concat([chunk, FATAL]);
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
  left = undefined;
  await app.close();
  await proxy.close();
  await database.drop();
});

it('a session that is terminated right after any of its answers leaves no error without a listener', async () => {
  const uncaught: unknown[] = [];
  const record = (error: unknown) => uncaught.push(error);
  process.on('uncaughtException', record);
  const statuses = new Set<number>();
  try {
    for (let answer = 1; answer <= MAX_ANSWERS; answer += 1) {
      const [user, dropId] = [await app.createUser(), await app.createDrop()];
      // Every fifth round starts with new connections.
      if (answer % 5 === 0) for (const each of proxy.open) each.cut();
      left = (answer % 12) + 1;
      const held = await app.reserve(user, dropId);
      const id: unknown = held.body.data?.reservation?.id;
      const answers = [held, await app.http.get(`/api/drops/${dropId}`)];
      if (typeof id === 'string') answers.push(await app.purchase(user, id));
      for (const { status } of answers) statuses.add(status);
    }
  } finally {
    process.off('uncaughtException', record);
  }
  expect(uncaught).toEqual([]);
  expect(
    [...statuses].filter((status) => ![200, 201, 503].includes(status)),
    defects.join(''),
  ).toEqual([]);
  expect(await app.mismatches()).toEqual([]);
});

it('a session that is terminated after its BEGIN, before it discards old plans, is replaced', async () => {
  const users = await app.createUsers(6);
  const dropId = await app.createDrop({ total_stock: 100 });
  counted = 'BEGIN\0';
  for (const user of users) {
    // A session has plans from its second transaction on, and discards plans older than 250 ms.
    await app.reserve(await app.createUser(), dropId).expect(201);
    await sleep(300);
    left = 1;
    const { status } = await app.reserve(user, dropId);
    expect(status, defects.join('')).toBe(201);
    expect(left).toBeUndefined();
  }
  expect(await app.mismatches()).toEqual([]);
});

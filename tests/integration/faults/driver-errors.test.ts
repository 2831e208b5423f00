import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, type DatabaseHandle } from '../../../src/lib/db/database.js';
import { toClientError } from '../../../src/lib/db/database-errors.js';
import { AppError } from '../../../src/lib/errors/index.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { openTcpProxy, type ProxiedConnection, type TcpProxy } from '../../helpers/tcp-proxy.js';

// Provokes the errors that pg, its pool, Prisma and its driver adapter throw for a lost connection or a time limit. The client
// gets 503 for each of them, never 500.

type Failing = (connection: ProxiedConnection, answer: Buffer) => Buffer | boolean;

function message(type: string, body = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const fatal = (code: string) =>
  message('E', Buffer.from([`SFATAL`, `VFATAL`, `C${code}`, 'Mthe session ends', '', ''].join('\0')));

function cutSoon(connection: ProxiedConnection): void {
  setTimeout(() => {
    connection.cut();
  }, 5);
}

/** Failures by name. Each one replaces the answer to a statement. */
const failures: Readonly<Record<string, Failing>> = {
  'closes without an answer': (connection) => {
    connection.cut();
    return false;
  },
  ...Object.fromEntries(
    ['57P01', '57P02', '25P03', '08006', '53300'].map((code): [string, Failing] => [
      `ends with ${code}`,
      (connection) => {
        cutSoon(connection);
        return fatal(code);
      },
    ]),
  ),
  'answers in another protocol': (connection) => {
    cutSoon(connection);
    return message('x');
  },
};

/** The statements that fail, in a transaction or outside. */
const STATEMENTS = ['SELECT 1', 'BEGIN', 'SELECT 2', 'COMMIT'];

let database: TestDatabase;
let proxy: TcpProxy;
let handle: DatabaseHandle | undefined;
let fails: { statement: string; how: Failing } | undefined;

beforeAll(async () => {
  database = await createTestDatabase();
  const target = new URL(database.url);
  proxy = await openTcpProxy(() => Number(target.port || 5432), {
    host: target.hostname,
    befall(connection) {
      let failing: Failing | undefined;
      return {
        asked(chunk) {
          if (fails === undefined || !chunk.includes(fails.statement)) return;
          failing = fails.how;
        },
        answered: (chunk) => failing?.(connection, chunk) ?? true,
      };
    },
  });
});

afterEach(async () => {
  fails = undefined;
  await handle?.close();
  handle = undefined;
});

afterAll(async () => {
  await proxy.close();
  await database.drop();
});

function open(parameters: Readonly<Record<string, string>> = {}, port = proxy.port): DatabaseHandle {
  const url = new URL(database.url);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  handle = openDatabase(url.toString(), { logger: pino({ level: 'silent' }) });
  return handle;
}

const read = ({ db }: DatabaseHandle) => db.$queryRaw`SELECT 1`;

const write = ({ db }: DatabaseHandle) => db.$transaction((tx) => tx.$queryRaw`SELECT 2`, { maxWait: 20_000 });

/** Returns the error code that the client gets for a failure, or the failure itself if the client gets 500. */
async function answerTo(work: Promise<unknown>, duringCommit = false): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    const known = toClientError(error, duringCommit);
    return known instanceof AppError ? known.code : known;
  }
  return 'no failure';
}

describe.each(STATEMENTS)('a failed %s', (statement) => {
  it.each(Object.keys(failures))('maps to 503 if the connection %s', async (how) => {
    const opened = open();
    fails = { statement, how: failures[how] ?? (() => true) };
    const work = statement === 'SELECT 1' ? read(opened) : write(opened);
    const isCommit = statement === 'COMMIT';
    expect(await answerTo(work, isCommit)).toBe(isCommit ? 'outcome-unknown' : 'unavailable');
  });
});

describe('a failed connection attempt', () => {
  async function answers(opened: DatabaseHandle): Promise<unknown[]> {
    return Promise.all([answerTo(read(opened)), answerTo(write(opened))]);
  }

  async function listening(server: Server): Promise<number> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as { port: number }).port;
  }

  it('maps to 503 if no server listens', async () => {
    const server = createServer();
    const port = await listening(server);
    server.close();
    expect(await answers(open({}, port))).toEqual(['unavailable', 'unavailable']);
  });

  it.each(['end', 'resetAndDestroy'] as const)(
    'maps to 503 if the server closes the connection at once: %s',
    async (end) => {
      const server = createServer((socket) => socket.on('error', () => undefined)[end]());
      expect(await answers(open({}, await listening(server)))).toEqual(['unavailable', 'unavailable']);
      server.close();
    },
  );

  it.skipIf(process.platform === 'win32')('maps to 503 if the Unix socket does not exist', async () => {
    expect(await answers(open({ host: join(tmpdir(), 'no-such-folder') }))).toEqual(['unavailable', 'unavailable']);
  });

  it('maps to 503 if the server sends nothing', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined));
    const opened = open({}, await listening(server));
    expect(await answers(opened)).toEqual(['unavailable', 'unavailable']);
    server.close();
  });

  it('maps to 503 if the pool has no free connection', async () => {
    const opened = open({ connection_limit: '1' });
    const found = await opened.db.$transaction(() => answers(opened), { timeout: 60_000 });
    expect(found).toEqual(['overloaded', 'overloaded']);
  });

  it('maps to 503 if the pool is closed', async () => {
    const opened = open();
    await opened.close();
    handle = undefined;
    expect(await answers(opened)).toEqual(['unavailable', 'unavailable']);
  });
});

it('a query that takes longer than ?query_timeout= maps to 503', async () => {
  const opened = open({ query_timeout: '50' });
  fails = { statement: 'SELECT', how: () => false };
  expect(await answerTo(read(opened))).toBe('unavailable');
});

it('a transaction that takes longer than its timeout maps to 503', async () => {
  const { db } = open();
  const work = db.$transaction(
    async (tx) => {
      for (;;) await tx.$queryRaw`SELECT 1`;
    },
    { timeout: 50 },
  );
  expect(await answerTo(work)).toBe('overloaded');
});

it('an error of a connection whose answers no longer match its queries maps to 503', async () => {
  const url = new URL(database.url);
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  const client = new pg.Client(url.toString());
  client.on('error', () => undefined);
  await client.connect();
  // The first query fails before its answer arrives. pg takes that answer for the answer to the second query.
  fails = { statement: 'SELECT 1', how: (_connection, answer) => Buffer.concat([fatal('57P01'), answer]) };
  const answers = [answerTo(client.query('SELECT 1')), answerTo(client.query('SELECT 2'))];
  expect(await Promise.all(answers)).toEqual(['unavailable', 'unavailable']);
  await client.end();
});

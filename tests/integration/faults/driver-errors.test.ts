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

type FailureMode = (connection: ProxiedConnection, response: Buffer) => Buffer | boolean;

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

/** Failures by name. Each one replaces the response to a statement. */
const failures: Readonly<Record<string, FailureMode>> = {
  'closes without a response': (connection) => {
    connection.cut();
    return false;
  },
  ...Object.fromEntries(
    ['57P01', '57P02', '25P03', '08006', '53300'].map((code): [string, FailureMode] => [
      `ends with ${code}`,
      (connection) => {
        cutSoon(connection);
        return fatal(code);
      },
    ]),
  ),
  'responds in another protocol': (connection) => {
    cutSoon(connection);
    return message('x');
  },
};

/** The statements that fail, in a transaction or outside. */
const STATEMENTS = ['SELECT 1', 'BEGIN', 'SELECT 2', 'COMMIT'];

let database: TestDatabase;
let proxy: TcpProxy;
let handle: DatabaseHandle | undefined;
let failure: { statement: string; mode: FailureMode } | undefined;

beforeAll(async () => {
  database = await createTestDatabase();
  const target = new URL(database.url);
  proxy = await openTcpProxy(() => Number(target.port || 5432), {
    host: target.hostname,
    intercept(connection) {
      let activeFailure: FailureMode | undefined;
      return {
        onRequest(chunk) {
          if (failure === undefined || !chunk.includes(failure.statement)) return;
          activeFailure = failure.mode;
        },
        onResponse: (chunk) => activeFailure?.(connection, chunk) ?? true,
      };
    },
  });
});

afterEach(async () => {
  failure = undefined;
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
async function outcomeOf(work: Promise<unknown>, duringCommit = false): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    const clientError = toClientError(error, duringCommit);
    return clientError instanceof AppError ? clientError.code : clientError;
  }
  return 'no failure';
}

describe.each(STATEMENTS)('a failed %s', (statement) => {
  it.each(Object.keys(failures))('maps to 503 if the connection %s', async (mode) => {
    const opened = open();
    failure = { statement, mode: failures[mode] ?? (() => true) };
    const work = statement === 'SELECT 1' ? read(opened) : write(opened);
    const isCommit = statement === 'COMMIT';
    expect(await outcomeOf(work, isCommit)).toBe(isCommit ? 'outcome-unknown' : 'unavailable');
  });
});

describe('a failed connection attempt', () => {
  async function outcomes(opened: DatabaseHandle): Promise<unknown[]> {
    return Promise.all([outcomeOf(read(opened)), outcomeOf(write(opened))]);
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
    expect(await outcomes(open({}, port))).toEqual(['unavailable', 'unavailable']);
  });

  it.each(['end', 'resetAndDestroy'] as const)(
    'maps to 503 if the server closes the connection at once: %s',
    async (end) => {
      const server = createServer((socket) => socket.on('error', () => undefined)[end]());
      expect(await outcomes(open({}, await listening(server)))).toEqual(['unavailable', 'unavailable']);
      server.close();
    },
  );

  it.skipIf(process.platform === 'win32')('maps to 503 if the Unix socket does not exist', async () => {
    expect(await outcomes(open({ host: join(tmpdir(), 'no-such-folder') }))).toEqual(['unavailable', 'unavailable']);
  });

  it('maps to 503 if the server sends nothing', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined));
    const opened = open({}, await listening(server));
    expect(await outcomes(opened)).toEqual(['unavailable', 'unavailable']);
    server.close();
  });

  it('maps to 503 if the pool has no free connection', async () => {
    const opened = open({ connection_limit: '1' });
    const outcomesOfBoth = await opened.db.$transaction(() => outcomes(opened), { timeout: 60_000 });
    expect(outcomesOfBoth).toEqual(['overloaded', 'overloaded']);
  });

  it('maps to 503 if the pool is closed', async () => {
    const opened = open();
    await opened.close();
    handle = undefined;
    expect(await outcomes(opened)).toEqual(['unavailable', 'unavailable']);
  });
});

it('a query that takes longer than ?query_timeout= maps to 503', async () => {
  const opened = open({ query_timeout: '50' });
  failure = { statement: 'SELECT', mode: () => false };
  expect(await outcomeOf(read(opened))).toBe('unavailable');
});

it('a transaction that takes longer than its timeout maps to 503', async () => {
  const { db } = open();
  const work = db.$transaction(
    async (tx) => {
      for (;;) await tx.$queryRaw`SELECT 1`;
    },
    { timeout: 50 },
  );
  expect(await outcomeOf(work)).toBe('overloaded');
});

it('an error of a connection whose responses no longer match its queries maps to 503', async () => {
  const url = new URL(database.url);
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  const client = new pg.Client(url.toString());
  client.on('error', () => undefined);
  await client.connect();
  // The first query fails before its response arrives. pg takes that response for the response to the second query.
  failure = { statement: 'SELECT 1', mode: (_connection, response) => Buffer.concat([fatal('57P01'), response]) };
  const outcomes = [outcomeOf(client.query('SELECT 1')), outcomeOf(client.query('SELECT 2'))];
  expect(await Promise.all(outcomes)).toEqual(['unavailable', 'unavailable']);
  await client.end();
});

import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { until } from '../../helpers/locks.js';
import { delayingStatements } from '../../helpers/statements.js';
import { expectProblem } from './support.js';

/** In every read of drops, and in every read of movements; in no statement of a reservation. */
const [READS_OF_DROPS, READS_OF_MOVEMENTS] = ['buyer.username', 'WITH RECURSIVE ledger'];
const ADDRESS = '192.0.2.1';
/** More reads than one address may have. */
const FLOOD = 1_120;
const MAX_WAITING_OF_AN_ADDRESS = 1_000;
const RUNNING_READS = 4;
const PER_CONNECTION = 16;

let app: TestApp;
/** Lets the reads go on, which wait until then. */
let openGate: () => void;

beforeEach(async () => {
  let isOpen = false;
  const waiting: (() => void)[] = [];
  openGate = () => {
    isOpen = true;
    for (const goOn of waiting) goOn();
  };
  const wait = () => (isOpen ? Promise.resolve() : new Promise<void>((resolve) => waiting.push(resolve)));
  app = await startTestApp({
    env: { TRUST_PROXY: '1' },
    PgClient: delayingStatements(READS_OF_DROPS, wait, delayingStatements(READS_OF_MOVEMENTS, wait)),
    expectsServerErrors: true,
  });
});

afterEach(async () => {
  openGate();
  await app.close();
});

interface Response {
  readonly status: number;
  readonly head: string;
  readonly body: { readonly code?: string; readonly data?: { readonly id: string } };
}

/** Sends GETs over one connection without waiting for responses. */
async function openPipelined(paths: readonly string[]) {
  const { hostname, port, host } = new URL(app.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write(
    paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nX-Forwarded-For: ${ADDRESS}\r\n\r\n`).join(''),
  );
  return socket;
}

function parseResponses(received: string): Response[] {
  return received.split(/(?=HTTP\/1\.1 \d{3} )/).map((response) => {
    const headEnd = response.indexOf('\r\n\r\n');
    const head = response.slice(0, headEnd);
    return { status: Number(head.slice(9, 12)), head, body: JSON.parse(response.slice(headEnd)) as Response['body'] };
  });
}

/** A buyer reserves, and gives back, on a connection of its own. */
async function expectReservationsToGoOn(): Promise<void> {
  const [dropId, user] = await Promise.all([app.createDrop(), app.createUser()]);
  const { status, body } = await app.reserve(user, dropId);
  expect(status).toBe(201);
  const { reservation } = (body as { data: { reservation: { id: string } } }).data;
  expect((await app.release(user, reservation.id)).status).toBe(200);
  expect((await app.http.get('/readyz')).status).toBe(200);
}

it('serves sixteen of the requests that a connection sends ahead, in order, refuses the next and closes it', async () => {
  const drops = await Promise.all(Array.from({ length: 20 }, () => app.createDrop()));
  const ahead = Array.from({ length: 2_000 }, (_, index) => `/api/drops/${drops[index % drops.length]}`);
  const received = text(await openPipelined(ahead));

  // All of them are outstanding: none has a response before the gate is open.
  await expectReservationsToGoOn();

  openGate();
  const [refusal, ...served] = parseResponses(await received).reverse();
  expect(served.reverse().map(({ status, body }) => [status, body.data?.id])).toEqual(
    drops.slice(0, PER_CONNECTION).map((id) => [200, id]),
  );
  expect(refusal).toMatchObject({ status: 503, body: { code: 'overloaded' } });
  expect(refusal?.head).toMatch(/^connection: close$/im);
  expect(refusal?.head).toMatch(/^retry-after: 1$/im);
});

it('refuses reads of an address beyond those that may wait, and goes on with reservations and other addresses', async () => {
  const drops = [await app.createDrop(), await app.createDrop()];
  // Each is another read: the same one would be shared.
  const pathOf = (read: number) => `/api/drops/${drops[read % 2]}/movements?limit=${1 + Math.floor(read / 2)}`;
  const { readLimit } = app.context;
  const ofFlood = { '200': 0, '503': 0 };
  const flood = await Promise.all(
    Array.from({ length: FLOOD / PER_CONNECTION }, async (_, connection) => {
      const socket = await openPipelined(
        Array.from({ length: PER_CONNECTION }, (_path, index) => pathOf(connection * PER_CONNECTION + index)),
      );
      socket.on('data', (chunk: Buffer) => {
        for (const [, status] of chunk.toString('latin1').matchAll(/HTTP\/1\.1 (200|503)/g)) {
          ofFlood[status as keyof typeof ofFlood] += 1;
        }
      });
      return socket;
    }),
  );
  await until('the reads to wait', () => readLimit.waiting() === MAX_WAITING_OF_AN_ADDRESS);

  const refused = await app.http.get(pathOf(FLOOD)).set('X-Forwarded-For', ADDRESS);
  expectProblem(refused, 'overloaded');
  expect(refused.headers['retry-after']).toBe('1');
  await expectReservationsToGoOn();

  const fromElsewhere = app.http.get(pathOf(FLOOD)).set('X-Forwarded-For', '198.51.100.1');
  const answered = fromElsewhere.then(({ status }) => ({ status, stillWaiting: readLimit.waiting() }));
  await until('that read to wait', () => readLimit.waiting() === MAX_WAITING_OF_AN_ADDRESS + 1);
  openGate();
  const { status, stillWaiting } = await answered;
  expect(status).toBe(200);
  expect(stillWaiting).toBeGreaterThan(0);

  await until('all responses', () => ofFlood['200'] + ofFlood['503'] === FLOOD);
  for (const socket of flood) socket.destroy();
  const accepted = MAX_WAITING_OF_AN_ADDRESS + RUNNING_READS;
  expect(ofFlood).toEqual({ '200': accepted, '503': FLOOD - accepted });
});

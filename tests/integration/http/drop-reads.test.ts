import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { until } from '../../helpers/locks.js';
import { delayingResults, recordedStatements, type RecordingClient } from '../../helpers/statements.js';
import { dataOf, expectProblem, expectSuccess, UNKNOWN_ID } from './support.js';

/** In every read of drops by their ids, and in no other statement. */
const READ_OF_DROPS = 'WHERE d.id = ANY(';

let PgClient: RecordingClient;
let app: TestApp;
/** Reads of drops that PostgreSQL has answered, and whose results the service has not received. */
let held: (() => void)[];
let isOpen: boolean;
/** Requests for one drop that have reached the service. */
let requests: number;

beforeEach(async () => {
  [held, isOpen, requests] = [[], false, 0];
  PgClient = recordedStatements();
  const wait = () => (isOpen ? Promise.resolve() : new Promise<void>((resolve) => held.push(resolve)));
  app = await startTestApp({ PgClient: delayingResults(READ_OF_DROPS, wait, PgClient) });
  const { drops } = app.context.services;
  const { getJson } = drops;
  Object.assign(drops, {
    getJson(id: string) {
      requests += 1;
      return getJson(id);
    },
  });
});

afterEach(async () => {
  releaseAll();
  await app.close();
});

interface ShownDrop {
  readonly id: string;
  readonly availableStock: number;
}

// supertest sends a request when it is awaited, or when then() is called.
const get = (dropId: string) => app.http.get(`/api/drops/${dropId}`).then((response) => response);

/** Hands over the results, and those of all reads that follow. */
function releaseAll(): void {
  isOpen = true;
  for (const handOver of held.splice(0)) handOver();
}

const untilHeld = () => until('a read to be held', () => held.length === 1);
const untilArrived = (count: number) => until(`${count} requests to arrive`, () => requests === count);
const readsSent = () => PgClient.take().filter(({ text }) => text.includes(READ_OF_DROPS)).length;

/** A drop whose read was answered by PostgreSQL before the unit was reserved, and a request after the reservation. */
async function readAroundReservation() {
  const dropId = await app.createDrop({ total_stock: 10 });
  const before = get(dropId);
  await untilHeld();
  expectSuccess(await app.reserve(await app.createUser(), dropId), 201);
  const after = get(dropId);
  await untilArrived(2);
  releaseAll();
  return [dataOf<ShownDrop>(await before).availableStock, dataOf<ShownDrop>(await after).availableStock];
}

describe('requests for one drop', () => {
  it('that arrive while a read runs share the next one, and its bytes', async () => {
    const dropId = await app.createDrop();
    PgClient.take();
    const first = get(dropId);
    await untilHeld();
    const others = Array.from({ length: 100 }, () => get(dropId));
    await untilArrived(101);
    releaseAll();
    const responses = await Promise.all([first, ...others]);
    expect(readsSent()).toBe(2);
    for (const response of responses) expect(dataOf<ShownDrop>(response).id).toBe(dropId);
    expect(new Set(responses.map(({ text }) => text)).size).toBe(1);
    expect(new Set(responses.map(({ headers }) => headers.etag as string)).size).toBe(1);
  });

  it('share a read with those for other drops, and each gets its own', async () => {
    const drops = await Promise.all(Array.from({ length: 120 }, () => app.createDrop()));
    PgClient.take();
    const first = get(drops[0] ?? '');
    await untilHeld();
    const shown = drops.map((id) => get(id));
    const unknown = get(UNKNOWN_ID);
    await untilArrived(drops.length + 2);
    releaseAll();
    expect((await Promise.all(shown)).map((response) => dataOf<ShownDrop>(response).id)).toEqual(drops);
    expectProblem(await unknown, 'drop-not-found');
    expectSuccess(await first, 200);
    // A query reads a hundred drops at most.
    expect(readsSent()).toBe(3);
  });

  it('with the ETag of an unchanged drop are answered 304', async () => {
    releaseAll();
    const dropId = await app.createDrop();
    const { etag = '' } = (await get(dropId)).headers;
    const unchanged = await app.http.get(`/api/drops/${dropId}`).set('If-None-Match', etag);
    expect([unchanged.status, unchanged.text, unchanged.headers.etag]).toEqual([304, '', etag]);
    expectSuccess(await app.reserve(await app.createUser(), dropId), 201);
    const changed = await app.http.get(`/api/drops/${dropId}`).set('If-None-Match', etag);
    expect(dataOf<ShownDrop>(changed).availableStock).toBe(9);
  });
});

describe('a request after a commit', () => {
  it('shows the change, although a read from before it has not ended', async () => {
    expect(await readAroundReservation()).toEqual([10, 9]);
  });

  it('would show the state before if it joined the read that runs', async () => {
    const { drops } = app.context.services;
    const { getJson } = drops;
    const running = new Map<string, ReturnType<typeof getJson>>();
    Object.assign(drops, {
      getJson(id: string) {
        const known = running.get(id);
        if (known) requests += 1;
        const read = known ?? getJson(id).finally(() => running.delete(id));
        running.set(id, read);
        return read;
      },
    });
    expect(await readAroundReservation()).toEqual([10, 10]);
  });
});

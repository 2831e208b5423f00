import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildIfNeeded } from '../../scripts/build-if-needed.mjs';
import { startTestApp, type TestApp, type TestUser } from '../helpers/app.js';
import { until } from '../helpers/locks.js';
import { startServiceProcess, type ServiceProcess, type ServiceResponse } from '../helpers/service-process.js';

// The process is killed with SIGKILL at random moments under load. Users whose response was lost repeat the request with
// the same idempotency key, as the documentation recommends.

const KILLS = 4;
const BUYERS = 2_000;
/** Concurrent users. */
const CONCURRENCY = 20;

let app: TestApp;

beforeAll(async () => {
  await buildIfNeeded();
  app = await startTestApp();
  // The trigger makes transactions longer, so that each kill interrupts some.
  await app.database.query(`
    CREATE FUNCTION take_a_moment() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.05); RETURN NULL; END $$`);
  await app.database.query(
    'CREATE TRIGGER slow_hold AFTER INSERT ON reservations FOR EACH STATEMENT EXECUTE FUNCTION take_a_moment()',
  );
});

afterAll(() => app.close());

/** A purchase that the service confirmed. */
interface CompletedPurchase {
  readonly userId: string;
  readonly reservationId: string;
  readonly purchaseId: string;
}

/** Keeps the load up until the last kill, and returns the confirmed and refused purchases. */
async function buyDuringKills(kills: number) {
  const [users, dropId] = await Promise.all([app.createUsers(BUYERS), app.createDrop({ total_stock: BUYERS })]);
  const env = { DATABASE_URL: app.database.url, LOG_LEVEL: 'error', RESERVATION_TTL_SECONDS: '600' };
  let service = await startServiceProcess(env);
  const { port } = service;
  let isOver = false;
  const counts = { cut: 0, replayed: 0 };
  const bought: CompletedPurchase[] = [];
  const refused: number[] = [];

  async function buy(user: TestUser): Promise<void> {
    const hold = await retryUntilServed(counts, () => reserve(service, user, dropId));
    if (hold.status !== 201) return void refused.push(hold.status);
    const reservationId = hold.body.data?.reservation?.id ?? '';
    const purchase = await retryUntilServed(counts, () => purchaseOf(service, user, reservationId));
    if (purchase.status !== 201) return void refused.push(purchase.status);
    bought.push({ userId: user.id, reservationId, purchaseId: purchase.body.data?.id ?? '' });
  }

  const buying = Promise.all(
    Array.from({ length: CONCURRENCY }, async () => {
      for (let user = users.pop(); user && !isOver; user = users.pop()) await buy(user);
    }),
  );
  for (let kill = 0; kill < kills; kill += 1) {
    const before = bought.length + refused.length;
    await until('purchases to continue', () => bought.length + refused.length > before + CONCURRENCY);
    await sleep(Math.random() * 200);
    service.signal('SIGKILL');
    await service.ended();
    service = await startServiceProcess({ ...env, PORT: String(port) });
  }
  isOver = true;
  await buying;
  service.signal('SIGTERM');
  expect(await service.ended()).toBe(0);
  expect(users.length, 'buyers are left after the last kill').toBeGreaterThan(0);
  return { dropId, bought, refused, counts };
}

it('repeated kills of the process lose no confirmed purchase and duplicate none', async () => {
  const { dropId, bought, refused, counts } = await buyDuringKills(KILLS);
  expect(refused).toEqual([]);
  // The test is meaningful only if kills interrupted requests.
  expect(counts.cut, 'requests that were cut').toBeGreaterThan(KILLS);
  const { rows } = await app.database.query(
    `SELECT p.user_id AS "userId", p.reservation_id AS "reservationId", p.id AS "purchaseId"
     FROM purchases p JOIN reservations r ON r.id = p.reservation_id WHERE p.drop_id = $1 AND r.status = 'completed'`,
    [dropId],
  );
  expect(sorted(rows)).toEqual(sorted(bought));
  const { rowCount } = await app.database.query('SELECT FROM reservations WHERE drop_id = $1', [dropId]);
  expect(rowCount, 'no hold without a purchase').toBe(bought.length);
  expect(await app.mismatches()).toEqual([]);
});

function reserve(service: ServiceProcess, user: TestUser, dropId: string): Promise<ServiceResponse> {
  return service.post('/api/reservations', { dropId }, user.token, { 'Idempotency-Key': `reserve-${user.id}` });
}

function purchaseOf(service: ServiceProcess, user: TestUser, reservationId: string): Promise<ServiceResponse> {
  return service.post('/api/purchases', { reservationId }, user.token, { 'Idempotency-Key': `purchase-${user.id}` });
}

/** Repeats a request until its response is not 503. */
async function retryUntilServed(
  counts: { cut: number; replayed: number },
  request: () => Promise<ServiceResponse>,
): Promise<ServiceResponse> {
  for (;;) {
    try {
      const response = await request();
      if (response.headers.has('idempotency-replayed')) counts.replayed += 1;
      if (response.status !== 503) return response;
    } catch (error) {
      if ((error as { cause?: { code?: string } }).cause?.code !== 'ECONNREFUSED') counts.cut += 1;
    }
    await sleep(50);
  }
}

function sorted(rows: readonly unknown[]): string[] {
  return rows.map((row) => JSON.stringify(Object.entries(row as object).sort())).sort();
}

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildIfNeeded } from '../../scripts/build-if-needed.mjs';
import { createTokens } from '../../src/lib/auth/tokens.js';
import { findFreePort } from '../helpers/free-port.js';
import { createTestDatabase, type TestDatabase } from '../helpers/database.js';
import { until } from '../helpers/locks.js';
import { startProgram, type RunningProgram } from '../helpers/processes.js';

// The built service runs with a clock that is an hour off, and PostgreSQL with a correct clock.

const HOUR_MS = 3_600_000;
const SECRET = 'a secret that is long enough for a test';
const PRELOAD = pathToFileURL(join(import.meta.dirname, '../helpers/shifted-clock.mjs')).href;
/** Duration of a hold. */
const TTL_MS = 3_000;
/** More than is promised, for busy machines. A process that used its own clock would be an hour off. */
const MAX_LATENESS_MS = 90_000;

let database: TestDatabase;
const running: RunningProgram[] = [];

beforeAll(async () => {
  await buildIfNeeded();
  database = await createTestDatabase();
});

afterEach(async () => {
  for (const program of running.splice(0)) {
    program.signal('SIGKILL');
    await program.ended();
  }
});

afterAll(() => database.drop());

interface ApiResponse {
  readonly status: number;
  readonly body: { code?: string; data: { reservation: { id: string }; serverTime: string } };
}

/** Starts the service and returns a function that sends a POST request as a user. */
async function start(shiftMs: number, env: Readonly<Record<string, string>> = {}) {
  const port = await findFreePort();
  const program = startProgram('main', {
    NODE_ENV: 'test',
    HOST: '127.0.0.1',
    PORT: String(port),
    DATABASE_URL: database.url,
    JWT_SECRET: SECRET,
    RESERVATION_TTL_SECONDS: String(TTL_MS / 1_000),
    NODE_OPTIONS: `--import=${PRELOAD}`,
    CLOCK_SHIFT_MS: String(shiftMs),
    ...env,
  });
  running.push(program);
  await program.printed('Ctrl-C stops it.');
  const tokens = createTokens(SECRET, 86_400);
  return async (userId: string, path: string, body: object): Promise<ApiResponse> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/${path}`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Authorization: `Bearer ${tokens.sign({ id: userId, role: 'user' })}`,
      },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as ApiResponse['body'] };
  };
}

/** Makes two users and a drop of two units. */
async function createDropAndUsers(): Promise<{ dropId: string; users: [string, string] }> {
  const { rows: users } = await database.query<{ id: string }>(
    `INSERT INTO users (username, email, password_hash)
     SELECT name, name || '@example.com', 'unusable' FROM (SELECT left(gen_random_uuid()::text, 8) AS name FROM generate_series(1, 2)) AS made
     RETURNING id`,
  );
  const { rows: drops } = await database.query<{ id: string }>(
    `INSERT INTO drops (name, price, total_stock) VALUES ('Drop', 10, 2) RETURNING id`,
  );
  const [first, second, drop] = [users[0]?.id, users[1]?.id, drops[0]?.id];
  if (first === undefined || second === undefined || drop === undefined) throw new Error('two users, one drop');
  return { dropId: drop, users: [first, second] };
}

/** Inserts a hold as a process with a correct clock does. */
async function insertHold(dropId: string, userId: string, endsInMs: number): Promise<string> {
  const { rows } = await database.query<{ id: string }>(
    `WITH moved AS (UPDATE drops SET available_stock = available_stock - 1, reserved_stock = reserved_stock + 1 WHERE id = $1)
     INSERT INTO reservations (drop_id, user_id, expires_at)
     VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3::float8 / 1000)) RETURNING id`,
    [dropId, userId, endsInMs],
  );
  return rows[0]?.id ?? '';
}

async function databaseTime(): Promise<number> {
  const { rows } = await database.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  return rows[0]?.now.getTime() ?? NaN;
}

/** Returns a hold from the database; its duration and lateness in ms. */
async function holdOf(id: string) {
  const { rows } = await database.query<{ status: string; duration: number; lateness: number | null }>(
    `SELECT status::text, extract(epoch FROM expires_at - created_at)::float8 * 1000 AS duration,
            extract(epoch FROM settled_at - expires_at)::float8 * 1000 AS lateness FROM reservations WHERE id = $1`,
    [id],
  );
  if (!rows[0]) throw new Error(`no hold ${id}`);
  return rows[0];
}

describe.each([
  ['an hour ahead', HOUR_MS],
  ['an hour behind', -HOUR_MS],
])('a process whose clock is %s', (_, shiftMs) => {
  it('makes holds of the right duration, accepts purchases until the deadline, and expires holds then', async () => {
    const post = await start(shiftMs);
    const { dropId, users } = await createDropAndUsers();
    const reserve = async (userId: string) => {
      const { status, body } = await post(userId, 'reservations', { dropId });
      expect(status).toBe(201);
      return { id: body.data.reservation.id, serverTime: Date.parse(body.data.serverTime) };
    };

    // On a busy machine a hold may end before its purchase.
    await until('a purchase before the deadline', async () => {
      const { id } = await reserve(users[0]);
      return (await post(users[0], 'purchases', { reservationId: id })).status === 201;
    });

    const before = await databaseTime();
    const { id, serverTime } = await reserve(users[1]);
    expect(serverTime).toBeGreaterThanOrEqual(before);
    expect(serverTime).toBeLessThanOrEqual(await databaseTime());
    expect((await holdOf(id)).duration).toBe(TTL_MS);
    await until('the expiry of the hold', async () => (await holdOf(id)).status === 'expired');
    const { lateness } = await holdOf(id);
    expect(lateness).toBeGreaterThanOrEqual(0);
    expect(lateness).toBeLessThan(MAX_LATENESS_MS);
    const late = await post(users[1], 'purchases', { reservationId: id });
    expect([late.status, late.body.code]).toEqual([410, 'reservation-expired']);
  });

  it("accepts purchases of active holds and refuses overdue ones by PostgreSQL's clock", async () => {
    // No worker runs that could expire the hold first.
    const post = await start(shiftMs, { ROLE: 'api' });
    const { dropId, users } = await createDropAndUsers();
    const activeId = await insertHold(dropId, users[0], 60_000);
    const overdueId = await insertHold(dropId, users[1], -1);
    expect((await post(users[0], 'purchases', { reservationId: activeId })).status).toBe(201);
    const late = await post(users[1], 'purchases', { reservationId: overdueId });
    expect([late.status, late.body.code]).toEqual([410, 'reservation-expired']);
  });
});

describe('control: a process that uses its own clock,', () => {
  it('an hour ahead, refuses the purchase of an active hold', async () => {
    const post = await start(HOUR_MS, { ROLE: 'api', OWN_CLOCK_DECIDES: 'true' });
    const { dropId, users } = await createDropAndUsers();
    const activeId = await insertHold(dropId, users[0], 60_000);
    expect((await post(users[0], 'purchases', { reservationId: activeId })).status).toBe(410);
  });

  it('an hour behind, accepts the purchase of an overdue hold and does not expire it', async () => {
    const post = await start(-HOUR_MS, { OWN_CLOCK_DECIDES: 'true' });
    const { dropId, users } = await createDropAndUsers();
    const overdueId = await insertHold(dropId, users[0], -1);
    await sleep(500);
    expect((await holdOf(overdueId)).status).toBe('active');
    expect((await post(users[0], 'purchases', { reservationId: overdueId })).status).toBe(201);
  });
});

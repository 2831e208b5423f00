import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/lib/logger.js';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { inDeadlock, untilWaiting, whileLocked } from '../../helpers/locks.js';
import { metricOf } from '../../helpers/other-batches.js';
import { delayingStatements } from '../../helpers/statements.js';
import { outcomesOf, servicesOf, type Services } from '../batches/support.js';

const BATCH_SIZE = 8;
/** Index of the batch member that fails. */
const FAILING_INDEX = 2;

interface Line {
  readonly msg: string;
  readonly level: number;
  readonly dropId: string;
  readonly [field: string]: unknown;
}

let app: TestApp;
let services: Services;
let lines: Line[];
/** Runs between the statement that loads the state of a reservation and the one that writes it. */
let beforeWrite: () => Promise<void> = () => Promise.resolve();

beforeAll(async () => {
  lines = [];
  const stream = new Writable({
    write(line: Buffer, _encoding, done) {
      lines.push(JSON.parse(String(line)) as Line);
      done();
    },
  });
  const PgClient = delayingStatements('INSERT INTO reservations', () => beforeWrite());
  app = await startTestApp({ logger: createLogger({ logLevel: 'warn' }, { destination: stream }), PgClient });
  services = servicesOf(app);
});

afterAll(() => app.close());

const fallbacks = (path: string) =>
  metricOf(app.context.metrics, 'transaction_fallbacks_total', 'transaction_fallbacks_total', path);

/** Creates a drop, and users whose reservations form one batch. */
async function createBatch() {
  const [dropId, users] = await Promise.all([app.createDrop({ total_stock: BATCH_SIZE }), app.createUsers(BATCH_SIZE)]);
  const failing = users[FAILING_INDEX];
  if (!failing) throw new Error('not enough users');
  const before = { split: await fallbacks('split'), conflict: await fallbacks('retry after conflict') };
  return {
    dropId,
    users,
    failing,
    reserve: (key?: (user: TestUser) => string | undefined) =>
      outcomesOf(users.map((user) => services.reserve(user, dropId, key?.(user)))),
    async fallbacks() {
      return {
        split: (await fallbacks('split')) - before.split,
        conflict: (await fallbacks('retry after conflict')) - before.conflict,
        logged: lines.filter((line) => line.dropId === dropId),
      };
    },
    async holders() {
      const { rows } = await app.database.query<{ id: string }>(
        `SELECT user_id AS id FROM reservations WHERE drop_id = $1 AND status = 'active'`,
        [dropId],
      );
      return new Set(rows.map(({ id }) => id));
    },
  };
}

/** Returns the outcomes of a batch that grants every member but the failing one. */
function allDoneButOne(outcome: string): string[] {
  return Array.from({ length: BATCH_SIZE }, (_, index) => (index === FAILING_INDEX ? outcome : 'done'));
}

it('a batch in a deadlock with another session runs again as a whole, and all members succeed', async () => {
  const { members, outcomes } = await inDeadlock(app.database, async () => {
    const { dropId, failing, reserve, ...members } = await createBatch();
    return { dropId, userId: failing.id, work: async () => ({ members, outcomes: await reserve() }) };
  });
  const { users, holders, ...batch } = members;
  expect(outcomes).toEqual(Array(BATCH_SIZE).fill('done'));
  expect(await holders()).toEqual(new Set(users.map(({ id }) => id)));
  expect(await batch.fallbacks()).toMatchObject({
    conflict: 1,
    split: 0,
    logged: [{ msg: 'Retrying a stock transaction', cause: 'conflict', err: { message: expect.any(String) } }],
  });
  expect(await app.mismatches()).toEqual([]);
});

describe('one member of a batch fails alone if', () => {
  it('its user is deleted after the batch has loaded its state', async () => {
    const { users, failing, reserve, holders, ...batch } = await createBatch();
    beforeWrite = async () => {
      beforeWrite = () => Promise.resolve();
      await app.database.query('DELETE FROM users WHERE id = $1', [failing.id]);
    };
    expect(await reserve()).toEqual(allDoneButOne('unauthenticated'));
    expect(await holders()).toEqual(new Set(users.filter((user) => user !== failing).map(({ id }) => id)));
    // The write leaves out the accounts that are closed by then, so nothing fails.
    expect(await batch.fallbacks()).toEqual({ split: 0, conflict: 0, logged: [] });
    expect(await app.mismatches()).toEqual([]);
  });

  it('its key is used for another drop at the same moment', async () => {
    const { users, failing, reserve, holders, ...batch } = await createBatch();
    const other = await app.createDrop();
    const sameKeyInsert = {
      sql: `INSERT INTO reservations (user_id, drop_id, idempotency_key) VALUES ($1, $2, 'mine')`,
      params: [failing.id, other],
    };
    const outcomes = await whileLocked(app.database, sameKeyInsert, async ({ client, unlock }) => {
      // Keeps the drop's counters consistent with its hold.
      await client.query('UPDATE drops SET available_stock = available_stock - 1, reserved_stock = 1 WHERE id = $1', [other]); // prettier-ignore
      const running = reserve(() => 'mine');
      // The INSERT of the batch waits for the uncommitted row with the same key.
      await untilWaiting(app.database);
      await unlock();
      return running;
    });
    expect(outcomes).toEqual(allDoneButOne('idempotency-key-reused'));
    expect(await holders()).toEqual(new Set(users.filter((user) => user !== failing).map(({ id }) => id)));
    // One split is enough: the half with the key then finds the committed row and refuses this member.
    expect(await batch.fallbacks()).toMatchObject({ split: 1, conflict: 0 });
    expect(await app.mismatches()).toEqual([]);
  });
});

it('a batch whose members all fail in the database is not split', async () => {
  const { dropId, reserve, holders, ...batch } = await createBatch();
  await app.database.query(`
    CREATE FUNCTION fail_always() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      RAISE EXCEPTION 'made up' USING ERRCODE = 'serialization_failure';
    END $$;
    CREATE TRIGGER fail_always BEFORE INSERT ON reservations FOR EACH ROW WHEN (NEW.drop_id = '${dropId}')
      EXECUTE FUNCTION fail_always()`);
  expect(await reserve()).toEqual(Array(BATCH_SIZE).fill('overloaded'));
  expect(await holders()).toEqual(new Set());
  expect(await batch.fallbacks()).toMatchObject({ split: 0, conflict: 3, logged: { length: 3 } });
  expect(await app.mismatches()).toEqual([]);
});

import type { Response } from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LONG_TIME_LIMITS, startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { listenTo, receivedAll } from '../../helpers/sockets.js';
import { withClient } from '../../helpers/test-server.js';
import { withoutProtection, type RewritingClient } from '../../helpers/without-protection.js';
import { outcomesOf, servicesOf } from '../batches/support.js';
import { loseCommit, refusal, startFragileApp, type FragileApp } from './support.js';

/** The service whose COMMIT is lost. */
let app: FragileApp;
/** Another service on the same database, whose connections are intact. */
let other: TestApp;

beforeAll(async () => {
  app = await startFragileApp();
  other = await startTestApp({ database: app.database });
});

afterAll(async () => {
  await other.close();
  await app.close();
});

/** The drop, the user and the user's hold that an event between the COMMIT and the second run changes. */
interface Scenario {
  readonly other: TestApp;
  readonly user: TestUser;
  readonly dropId: string;
  readonly holdId: string;
}

type Event = (scenario: Scenario) => Promise<unknown>;

const edit =
  (changes: string): Event =>
  ({ other, dropId }) =>
    other.database.query(`UPDATE drops SET ${changes} WHERE id = $1`, [dropId]);
const sweep: Event = ({ other }) => other.context.worker.runOnce();
const expire: Event = ({ other, holdId }) => other.expireHolds({ reservationId: holdId });
const buy: Event = ({ other, user, holdId }) => other.purchase(user, holdId).expect(201);
const release: Event = ({ other, user, holdId }) => other.release(user, holdId).expect(200);
const reserve: Event = ({ other, user, dropId }) => other.reserve(user, dropId).expect(201);
/** Other users reserve every available unit. */
const sellOut: Event = async ({ other, dropId }) => {
  const { rows } = await other.database.query<{ free: number }>('SELECT available_stock AS free FROM drops WHERE id = $1', [dropId]); // prettier-ignore
  const users = await other.createUsers(rows[0]?.free ?? 0);
  await Promise.all(users.map((user) => other.reserve(user, dropId).expect(201)));
};
const noChange: Event = () => Promise.resolve();

const END_DROP = `drop_starts_at = now() - interval '1 hour', drop_ends_at = date_trunc('milliseconds', clock_timestamp())`;

/** Events of any drop. */
const dropEvents: Record<string, readonly Event[]> = {
  'nothing happened': [noChange],
  'the drop was cancelled': [edit('cancelled_at = now()')],
  'the drop was cancelled and its holds released': [edit('cancelled_at = now()'), sweep],
  'the drop was paused': [edit('paused_at = now()')],
  'the drop ended': [edit(END_DROP)],
  'the start was postponed': [edit(`drop_starts_at = now() + interval '1 hour'`)],
  'the limit was lowered': [edit('limit_per_user = 1')],
  'the other units were sold': [sellOut],
  'name and price were changed': [edit(`name = 'Renamed', price = 99`)],
};

/** Events of a hold that was just made. */
const holdEvents: Record<string, readonly Event[]> = {
  'it expired': [expire],
  'it expired and was swept': [expire, sweep],
  'it expired, was swept and its unit sold to another': [expire, sweep, sellOut],
  'it expired, was swept and the drop ended': [expire, sweep, edit(END_DROP)],
  'it expired and its user has reserved again': [expire, sweep, reserve],
  'it was bought': [buy],
  'it was bought, and the limit is reached': [buy, edit('limit_per_user = 1')],
  'it was bought and its user has reserved again': [buy, reserve],
  'it was released': [release],
  'it was released and its unit sold to another': [release, sellOut],
  'it was released and its user has reserved again': [release, reserve],
  'it was released and the drop paused': [release, edit('paused_at = now()')],
};

const KEYS = { 'without a key': undefined, 'with a key': 'key' };
const casesOf = (events: Record<string, readonly Event[]>) =>
  Object.entries(KEYS).flatMap(([how, key]) =>
    Object.entries(events).map(([what, steps]) => ({ how, key, what, steps })),
  );

/** Creates a user and a drop of three units. */
async function createScenario(fragile: FragileApp, intact: TestApp) {
  const [user, dropId] = await Promise.all([fragile.createUser(), fragile.createDrop({ total_stock: 3 })]);
  return { other: intact, user, dropId };
}

async function applySteps(steps: readonly Event[], scenario: Scenario): Promise<void> {
  for (const step of steps) await step(scenario);
}

/** Returns the current row of a reservation. */
async function stored(id: string) {
  const { rows } = await other.database.query(
    `SELECT r.id, r.user_id AS "userId", r.drop_id AS "dropId", r.status::text, r.price, r.expires_at AS "expiresAt",
            r.created_at AS "createdAt", r.updated_at AS "updatedAt"
     FROM reservations r WHERE r.id = $1`,
    [id],
  );
  return JSON.parse(JSON.stringify(rows[0] ?? null)) as object | null;
}

async function firstHold({ id }: TestUser): Promise<string> {
  const { rows } = await other.database.query<{ id: string }>(
    'SELECT id FROM reservations WHERE user_id = $1 ORDER BY created_at, id LIMIT 1',
    [id],
  );
  if (!rows[0]) throw new Error('the reservation was not committed');
  return rows[0].id;
}

async function expectConsistentStock(): Promise<void> {
  await app.recovered();
  expect(await app.mismatches()).toEqual([]);
}

describe('a reservation whose COMMIT was lost', () => {
  it.for(casesOf({ ...dropEvents, ...holdEvents }))('is found if $what ($how)', async ({ key, steps }) => {
    const { user, dropId } = await createScenario(app, other);
    let holdId = '';
    const listener = await listenTo(app);
    const response = await loseCommit(
      app,
      () => app.reserve(user, dropId, key),
      async () => {
        holdId = await firstHold(user);
        await applySteps(steps, { other, user, dropId, holdId });
      },
    );
    await receivedAll(app, listener);
    listener.close();

    expect([response.status, response.body.code]).toEqual([201, undefined]);
    expect(response.headers).not.toHaveProperty('idempotency-replayed');
    expect(response.body.data.reservation).toEqual(await stored(holdId));
    const { rows } = await app.database.query('SELECT version FROM drops WHERE id = $1', [dropId]);
    expect(listener.received('inventory_update').at(-1)).toMatchObject({ dropId, version: rows[0]?.version });
    await expectConsistentStock();
  });

  it('is found if another process uses its key again', async () => {
    const { user, dropId } = await createScenario(app, other);
    let repeated: Response | undefined;
    const response = await loseCommit(
      app,
      () => app.reserve(user, dropId, 'key'),
      async () => {
        repeated = await other.reserve(user, dropId, 'key');
      },
    );
    expect([response.status, repeated?.status]).toEqual([201, 201]);
    expect(response.body.data.reservation).toEqual(repeated?.body.data.reservation);
    expect([response, repeated].map((each) => each?.headers['idempotency-replayed'])).toEqual([undefined, 'true']);
    await expectConsistentStock();
  });

  it('is found with its own status if the rest of its batch was refused', async () => {
    const [users, dropId] = await Promise.all([app.createUsers(6), app.createDrop({ total_stock: 4 })]);
    const [expired, bought, released] = users;
    if (!expired || !bought || !released) throw new Error('six users');
    const { reserve: reserveDirectly } = servicesOf(app);
    const happened = app.proxy.loseResponseWhile('COMMIT', async () => {
      const scenarioOf = async (user: TestUser) => ({ other, user, dropId, holdId: await firstHold(user) });
      await applySteps([expire, sweep], await scenarioOf(expired));
      await buy(await scenarioOf(bought));
      await release(await scenarioOf(released));
      await sellOut(await scenarioOf(bought));
    });
    const requests = users.map((user) => reserveDirectly(user, dropId));
    const [outcomes] = await Promise.all([outcomesOf(requests), happened]);
    expect(outcomes).toEqual(['done', 'done', 'done', 'done', 'sold-out', 'sold-out']);
    const statuses = await Promise.all(requests.slice(0, 4).map(async (each) => (await each).reservation.status));
    expect(statuses).toEqual(['expired', 'completed', 'released', 'active']);
    await expectConsistentStock();
  });
});

describe('a purchase whose COMMIT was lost', () => {
  it.for(casesOf(dropEvents))('is found if $what ($how)', async ({ key, steps }) => {
    const { user, dropId } = await createScenario(app, other);
    const { body: held } = await app.reserve(user, dropId).expect(201);
    const holdId = held.data.reservation.id as string;
    const listener = await listenTo(app);
    const response = await loseCommit(
      app,
      () => app.purchase(user, holdId, key),
      () => applySteps(steps, { other, user, dropId, holdId }),
    );
    await receivedAll(app, listener);
    listener.close();

    expect([response.status, response.body.code]).toEqual([201, undefined]);
    expect(response.headers).not.toHaveProperty('idempotency-replayed');
    const { rows } = await app.database.query('SELECT id, price::text FROM purchases WHERE drop_id = $1', [dropId]);
    expect(rows).toEqual([{ id: response.body.data.id, price: response.body.data.price }]);
    expect(listener.received('purchase_update')).toMatchObject([{ dropId, username: user.username }]);
    await expectConsistentStock();
  });
});

describe('a release whose COMMIT was lost', () => {
  it.for(Object.entries({ ...dropEvents, 'its user has reserved again': [reserve] }))(
    'is found if %s',
    async ([, steps]) => {
      const { user, dropId } = await createScenario(app, other);
      const { body: held } = await app.reserve(user, dropId).expect(201);
      const holdId = held.data.reservation.id as string;
      const response = await loseCommit(
        app,
        () => app.release(user, holdId),
        () => applySteps(steps, { other, user, dropId, holdId }),
      );
      expect([response.status, response.body.code]).toEqual([200, undefined]);
      expect(response.body.data.reservation).toEqual(await stored(holdId));
      expect(response.body.data.reservation.status).toBe('released');
      await expectConsistentStock();
    },
  );
});

describe('a second run after a lost COMMIT', () => {
  it('returns 503 outcome-unknown if the reservation and its drop were deleted', async () => {
    const { user, dropId } = await createScenario(app, other);
    const response = await loseCommit(
      app,
      () => app.reserve(user, dropId),
      async () => {
        await other.database.query('DELETE FROM reservations WHERE drop_id = $1', [dropId]);
        await other.database.query('DELETE FROM drops WHERE id = $1', [dropId]);
      },
    );
    expect(refusal(response)).toBe('503 outcome-unknown, Retry-After 1');
    await expectConsistentStock();
  });

  it.each(['purchase', 'release'] as const)(
    'returns 503 outcome-unknown if the hold of a %s was deleted',
    async (operation) => {
      const { user, dropId } = await createScenario(app, other);
      const { body: held } = await app.reserve(user, dropId).expect(201);
      const holdId = held.data.reservation.id as string;
      const response = await loseCommit(
        app,
        () => app[operation](user, holdId),
        async () => {
          await other.database.query('DELETE FROM purchases WHERE drop_id = $1', [dropId]);
          await other.database.query('DELETE FROM reservations WHERE drop_id = $1', [dropId]);
        },
      );
      expect(refusal(response)).toBe('503 outcome-unknown, Retry-After 1');
      await app.database.query('UPDATE drops SET available_stock = 3, reserved_stock = 0, sold_stock = 0 WHERE id = $1', [dropId]); // prettier-ignore
      await expectConsistentStock();
    },
  );

  it('returns 503 outcome-unknown if the drop stays locked', async () => {
    const session = { ...LONG_TIME_LIMITS.session, lock_timeout: 200 };
    const withShortTimeout = await startFragileApp({ poolTimeLimits: { ...LONG_TIME_LIMITS, session } });
    try {
      const [user, dropId] = await Promise.all([withShortTimeout.createUser(), withShortTimeout.createDrop()]);
      const response = await withClient(withShortTimeout.database.url, (locker) =>
        loseCommit(
          withShortTimeout,
          () => withShortTimeout.reserve(user, dropId),
          async () => {
            await locker.query('BEGIN');
            await locker.query('SELECT FROM drops WHERE id = $1 FOR UPDATE', [dropId]);
          },
        ),
      );
      expect(refusal(response)).toBe('503 outcome-unknown, Retry-After 1');
      expect(await withShortTimeout.holdsOf(dropId)).toMatchObject([{ status: 'active' }]);
      expect(await withShortTimeout.mismatches()).toEqual([]);
    } finally {
      await withShortTimeout.close();
    }
  });

  it.each([
    [2, 201, undefined],
    [4, 503, 'outcome-unknown'],
  ])('may lose its COMMIT as well: %i lost COMMITs in a row return %i', async (losses, status, code) => {
    const { user, dropId } = await createScenario(app, other);
    let lossesLeft = losses;
    const loseNextCommit = (): Promise<void> => {
      lossesLeft -= 1;
      if (lossesLeft > 0) void app.proxy.loseResponseWhile('COMMIT', loseNextCommit);
      return Promise.resolve();
    };
    const response = await loseCommit(app, () => app.reserve(user, dropId), loseNextCommit);
    expect([response.status, response.body.code, lossesLeft]).toEqual([status, code, 0]);
    expect(await app.holdsOf(dropId)).toHaveLength(1);
    await expectConsistentStock();
  });
});

describe('without the search by ids that are chosen before the transaction,', () => {
  async function responseWithout(PgClient: RewritingClient, steps: readonly Event[]): Promise<Response> {
    const unprotected = await startFragileApp({ PgClient });
    const intact = await startTestApp({ database: unprotected.database });
    try {
      const { user, dropId } = await createScenario(unprotected, intact);
      const response = await loseCommit(
        unprotected,
        () => unprotected.reserve(user, dropId),
        async () => {
          const [hold] = await unprotected.holdsOf(dropId);
          await applySteps(steps, { other: intact, user, dropId, holdId: hold?.id ?? '' });
        },
      );
      PgClient.assertUsed();
      return response;
    } finally {
      await intact.close();
      await unprotected.close();
    }
  }

  it('a committed reservation is refused if other users got the units', async () => {
    const response = await responseWithout(withoutProtection('r.id = requested.id', 'false'), [expire, sweep, sellOut]);
    expect([response.status, response.body.code]).toEqual([409, 'sold-out']);
  });
});

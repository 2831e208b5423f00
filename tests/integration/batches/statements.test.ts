import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { recordedStatements } from '../../helpers/statements.js';
import { countOutcomes, MAX_BATCH_SIZE, outcomesOf, servicesOf, type Services } from './support.js';

const PgClient = recordedStatements();
let app: TestApp;
let services: Services;

beforeAll(async () => {
  app = await startTestApp({ PgClient });
  // It writes once a second, beside the batches.
  await app.context.refusalCounts.stop();
  services = servicesOf(app);
});

afterAll(() => app.close());

/** Names statements by their purpose. Omits the DISCARD PLANS that a connection sends after some BEGINs. */
function kindsOf(statements: readonly string[]): string[] {
  const kinds = [
    ['BEGIN', /^BEGIN/],
    ['COMMIT', /^COMMIT/],
    ['lock', /FROM drops d WHERE .* FOR UPDATE/],
    ['load', /WITH horizon/],
    ['grant', /INSERT INTO reservations/],
    ['purchase', /INSERT INTO purchases/],
    ['release', /WITH settled AS \(\s*UPDATE reservations/],
    ['find holds', /json_agg.* FROM reservations r WHERE r.id = ANY/s],
  ] as const;
  const ofBatches = statements.filter(
    (sql, index) => sql !== 'DISCARD PLANS' || !statements[index - 1]?.startsWith('BEGIN'),
  );
  return ofBatches.map((sql) => kinds.find(([, pattern]) => pattern.test(sql))?.[0] ?? sql);
}

/** Creates users, each with a hold on a unit of the drop. */
async function createHolds(dropId: string, count: number) {
  const users = await app.createUsers(count);
  const holds = await Promise.all(users.map((user) => services.reserve(user, dropId)));
  return users.map((user, index) => ({ user, hold: holds[index]?.reservation.id ?? '' }));
}

it.for([1, MAX_BATCH_SIZE])('a batch of %i reservation(s) sends five statements', async (size) => {
  const [dropId, users] = await Promise.all([app.createDrop({ total_stock: 1_000 }), app.createUsers(size)]);
  const statements = await PgClient.during(() => Promise.all(users.map((user) => services.reserve(user, dropId))));
  expect(kindsOf(statements)).toEqual(['BEGIN', 'lock', 'load', 'grant', 'COMMIT']);
  expect(await app.mismatches()).toEqual([]);
});

it('a batch with overdue holds, refusals, keys and a limit also sends five statements', async () => {
  const [dropId, other] = await Promise.all([
    app.createDrop({ total_stock: 100, limit_per_user: 1 }),
    app.createDrop({ total_stock: 100 }),
  ]);
  const [overdue, buyers, replayingUsers, keyReusingUsers, holdingUsers] = [
    await createHolds(dropId, 30),
    await createHolds(dropId, 10),
    await app.createUsers(10),
    await app.createUsers(10),
    await createHolds(dropId, 10),
  ];
  await Promise.all(buyers.map(({ user, hold }) => services.purchase(user, hold)));
  await Promise.all(replayingUsers.map((user) => services.reserve(user, dropId, 'mine')));
  await Promise.all(keyReusingUsers.map((user) => services.reserve(user, other, 'mine')));
  await app.database.query(
    `UPDATE reservations SET expires_at = clock_timestamp() - interval '1 ms' WHERE drop_id = $1 AND user_id = ANY($2)`,
    [dropId, overdue.map(({ user }) => user.id)],
  );
  const fresh = await app.createUsers(MAX_BATCH_SIZE - 70);

  const batch: [TestUser, string?][] = [
    ...overdue.map(({ user }): [TestUser] => [user]),
    ...buyers.map(({ user }): [TestUser] => [user]),
    ...replayingUsers.map((user): [TestUser, string] => [user, 'mine']),
    ...keyReusingUsers.map((user): [TestUser, string] => [user, 'mine']),
    ...holdingUsers.map(({ user }): [TestUser] => [user]),
    ...fresh.map((user): [TestUser] => [user]),
  ];
  let outcomes: string[] = [];
  const statements = await PgClient.during(async () => {
    outcomes = await outcomesOf(batch.map(([user, key]) => services.reserve(user, dropId, key)));
  });
  expect(kindsOf(statements)).toEqual(['BEGIN', 'lock', 'load', 'grant', 'COMMIT']);
  expect(countOutcomes(outcomes)).toEqual({
    // Of 100 units, 10 are sold and 20 held. The others go to the 30 users with overdue holds and to 40 new users.
    done: 70,
    replayed: 10,
    'limit-reached': 10,
    'idempotency-key-reused': 10,
    'already-reserved': 10,
    'sold-out': MAX_BATCH_SIZE - 110,
  });
  expect(await app.mismatches()).toEqual([]);
});

it('a batch with only refusals sends four statements', async () => {
  const [dropId, users] = await Promise.all([app.createDrop({ total_stock: 1 }), app.createUsers(MAX_BATCH_SIZE)]);
  await createHolds(dropId, 1);
  const statements = await PgClient.during(() => outcomesOf(users.map((user) => services.reserve(user, dropId))));
  expect(kindsOf(statements)).toEqual(['BEGIN', 'lock', 'load', 'COMMIT']);
});

it.for([1, MAX_BATCH_SIZE])(
  'a batch of %i purchase(s) sends five statements after one that finds their drops',
  async (size) => {
    const dropId = await app.createDrop({ total_stock: 1_000 });
    const owners = await createHolds(dropId, size);
    // A refused purchase and a repeated purchase add no statement.
    const [expired, early] = await createHolds(dropId, 2);
    if (!expired || !early) throw new Error('two more');
    await services.purchase(early.user, early.hold, 'mine');
    await app.expireHolds({ reservationId: expired.hold });
    const batch = [...owners.slice(0, MAX_BATCH_SIZE - 2), expired];
    const statements = await PgClient.during(async () => {
      const outcomes = await outcomesOf([
        ...batch.map(({ user, hold }) => services.purchase(user, hold)),
        services.purchase(early.user, early.hold, 'mine'),
      ]);
      expect(countOutcomes(outcomes)).toEqual({ done: batch.length - 1, 'reservation-expired': 1, replayed: 1 });
    });
    expect(kindsOf(statements)).toEqual(['find holds', 'BEGIN', 'lock', 'load', 'purchase', 'COMMIT']);
    expect(await app.mismatches()).toEqual([]);
  },
);

it.for([1, MAX_BATCH_SIZE])(
  'a batch of %i release(s) sends five statements after one that finds their drops',
  async (size) => {
    const dropId = await app.createDrop({ total_stock: 1_000 });
    const [released, ...owners] = await createHolds(dropId, size + 1);
    if (!released) throw new Error('one more');
    await services.release(released.user, released.hold);
    const batch = [released, ...owners.slice(0, MAX_BATCH_SIZE - 1)];
    const statements = await PgClient.during(() =>
      Promise.all(batch.map(({ user, hold }) => services.release(user, hold))),
    );
    expect(kindsOf(statements)).toEqual(['find holds', 'BEGIN', 'lock', 'load', 'release', 'COMMIT']);
    expect(await app.mismatches()).toEqual([]);
  },
);

it('one statement finds the drops of purchases in several drops', async () => {
  const drops = await Promise.all(Array.from({ length: 4 }, () => app.createDrop()));
  const owners = (await Promise.all(drops.map((dropId) => createHolds(dropId, 3)))).flat();
  const statements = await PgClient.during(() =>
    Promise.all(owners.map(({ user, hold }) => services.purchase(user, hold))),
  );
  const kinds = kindsOf(statements);
  expect(countOutcomes(kinds)).toEqual({ 'find holds': 1, BEGIN: 4, lock: 4, load: 4, purchase: 4, COMMIT: 4 });
});

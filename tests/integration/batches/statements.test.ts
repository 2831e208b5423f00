import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { recordedStatements } from '../../helpers/statements.js';
import { FULL, outcomesOf, servicesOf, tally, type Services } from './support.js';

const PgClient = recordedStatements();
let app: TestApp;
let services: Services;

beforeAll(async () => {
  app = await startTestApp({ PgClient });
  services = servicesOf(app);
});

afterAll(() => app.close());

/** Names statements by their purpose. Omits the DISCARD PLANS that a connection sends after some BEGINs. */
function kindsOf(statements: readonly string[]): string[] {
  const kinds = [
    ['BEGIN', /^BEGIN/],
    ['COMMIT', /^COMMIT/],
    ['lock', /FROM drops d WHERE .* FOR UPDATE/],
    ['open', /WITH horizon/],
    ['grant', /INSERT INTO reservations/],
    ['buy', /INSERT INTO purchases/],
    ['settle', /WITH settled AS \(\s*UPDATE reservations/],
    ['find holds', /json_agg.* FROM reservations r WHERE r.id = ANY/s],
  ] as const;
  const ofBatches = statements.filter(
    (sql, index) => sql !== 'DISCARD PLANS' || !statements[index - 1]?.startsWith('BEGIN'),
  );
  return ofBatches.map((sql) => kinds.find(([, pattern]) => pattern.test(sql))?.[0] ?? sql);
}

/** Creates users, each with a hold on a unit of the drop. */
async function holders(dropId: string, count: number) {
  const users = await app.createUsers(count);
  const holds = await Promise.all(users.map((user) => services.reserve(user, dropId)));
  return users.map((user, index) => ({ user, hold: holds[index]?.reservation.id ?? '' }));
}

it.for([1, FULL])('a batch of %i reservation(s) sends five statements', async (size) => {
  const [dropId, users] = await Promise.all([app.createDrop({ total_stock: 1_000 }), app.createUsers(size)]);
  const statements = await PgClient.during(() => Promise.all(users.map((user) => services.reserve(user, dropId))));
  expect(kindsOf(statements)).toEqual(['BEGIN', 'lock', 'open', 'grant', 'COMMIT']);
  expect(await app.mismatches()).toEqual([]);
});

it('a batch with overdue holds, refusals, keys and a limit also sends five statements', async () => {
  const [dropId, other] = await Promise.all([
    app.createDrop({ total_stock: 100, limit_per_user: 1 }),
    app.createDrop({ total_stock: 100 }),
  ]);
  const [overdue, buyers, repeaters, reusers, holding] = [
    await holders(dropId, 30),
    await holders(dropId, 10),
    await app.createUsers(10),
    await app.createUsers(10),
    await holders(dropId, 10),
  ];
  await Promise.all(buyers.map(({ user, hold }) => services.purchase(user, hold)));
  await Promise.all(repeaters.map((user) => services.reserve(user, dropId, 'mine')));
  await Promise.all(reusers.map((user) => services.reserve(user, other, 'mine')));
  await app.database.query(
    `UPDATE reservations SET expires_at = clock_timestamp() - interval '1 ms' WHERE drop_id = $1 AND user_id = ANY($2)`,
    [dropId, overdue.map(({ user }) => user.id)],
  );
  const fresh = await app.createUsers(FULL - 70);

  const batch: [TestUser, string?][] = [
    ...overdue.map(({ user }): [TestUser] => [user]),
    ...buyers.map(({ user }): [TestUser] => [user]),
    ...repeaters.map((user): [TestUser, string] => [user, 'mine']),
    ...reusers.map((user): [TestUser, string] => [user, 'mine']),
    ...holding.map(({ user }): [TestUser] => [user]),
    ...fresh.map((user): [TestUser] => [user]),
  ];
  let outcomes: string[] = [];
  const statements = await PgClient.during(async () => {
    outcomes = await outcomesOf(batch.map(([user, key]) => services.reserve(user, dropId, key)));
  });
  expect(kindsOf(statements)).toEqual(['BEGIN', 'lock', 'open', 'grant', 'COMMIT']);
  expect(tally(outcomes)).toEqual({
    // Of 100 units, 10 are sold and 20 held. The others go to the 30 users with overdue holds and to 40 new users.
    done: 70,
    replayed: 10,
    'limit-reached': 10,
    'idempotency-key-reused': 10,
    'already-reserved': 10,
    'sold-out': FULL - 110,
  });
  expect(await app.mismatches()).toEqual([]);
});

it('a batch with only refusals sends four statements', async () => {
  const [dropId, users] = await Promise.all([app.createDrop({ total_stock: 1 }), app.createUsers(FULL)]);
  await holders(dropId, 1);
  const statements = await PgClient.during(() => outcomesOf(users.map((user) => services.reserve(user, dropId))));
  expect(kindsOf(statements)).toEqual(['BEGIN', 'lock', 'open', 'COMMIT']);
});

it.for([1, FULL])('a batch of %i purchase(s) sends five statements after one that finds their drops', async (size) => {
  const dropId = await app.createDrop({ total_stock: 1_000 });
  const owners = await holders(dropId, size);
  // A refused purchase and a repeated purchase add no statement.
  const [late, early] = await holders(dropId, 2);
  if (!late || !early) throw new Error('two more');
  await services.purchase(early.user, early.hold, 'mine');
  await app.expireHolds({ reservationId: late.hold });
  const batch = [...owners.slice(0, FULL - 2), late];
  const statements = await PgClient.during(async () => {
    const outcomes = await outcomesOf([
      ...batch.map(({ user, hold }) => services.purchase(user, hold)),
      services.purchase(early.user, early.hold, 'mine'),
    ]);
    expect(tally(outcomes)).toEqual({ done: batch.length - 1, 'reservation-expired': 1, replayed: 1 });
  });
  expect(kindsOf(statements)).toEqual(['find holds', 'BEGIN', 'lock', 'open', 'buy', 'COMMIT']);
  expect(await app.mismatches()).toEqual([]);
});

it.for([1, FULL])('a batch of %i release(s) sends five statements after one that finds their drops', async (size) => {
  const dropId = await app.createDrop({ total_stock: 1_000 });
  const [again, ...owners] = await holders(dropId, size + 1);
  if (!again) throw new Error('one more');
  await services.release(again.user, again.hold);
  const batch = [again, ...owners.slice(0, FULL - 1)];
  const statements = await PgClient.during(() =>
    Promise.all(batch.map(({ user, hold }) => services.release(user, hold))),
  );
  expect(kindsOf(statements)).toEqual(['find holds', 'BEGIN', 'lock', 'open', 'settle', 'COMMIT']);
  expect(await app.mismatches()).toEqual([]);
});

it('one statement finds the drops of purchases in several drops', async () => {
  const drops = await Promise.all(Array.from({ length: 4 }, () => app.createDrop()));
  const owners = (await Promise.all(drops.map((dropId) => holders(dropId, 3)))).flat();
  const statements = await PgClient.during(() =>
    Promise.all(owners.map(({ user, hold }) => services.purchase(user, hold))),
  );
  const kinds = kindsOf(statements);
  expect(tally(kinds)).toEqual({ 'find holds': 1, BEGIN: 4, lock: 4, open: 4, buy: 4, COMMIT: 4 });
});

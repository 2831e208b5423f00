import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { withoutProtection } from '../../helpers/without-protection.js';
import { servicesOf, type Services } from './support.js';

let app: TestApp;
let services: Services;
let users: TestUser[];
let dropId: string;

beforeAll(async () => {
  app = await startTestApp();
  services = servicesOf(app);
});
beforeEach(async () => {
  [users, dropId] = await Promise.all([app.createUsers(4), app.createDrop({ total_stock: 2 })]);
});
afterAll(() => app.close());

/** The movements of the drop after its creation, in the order of versions. */
async function movements(of = app, id = dropId) {
  const { rows } = await of.database.query<Record<string, unknown>>(
    `SELECT cause, delta_available AS available, delta_reserved AS reserved, delta_sold AS sold, expired_units AS expired,
            released_units AS released, actor_id AS actor, actor_role AS role
     FROM stock_movements WHERE drop_id = $1 AND version > 1 ORDER BY version`,
    [id],
  );
  return rows;
}

const movement = (cause: string, [available, reserved, sold]: readonly number[], others: object = {}) => ({
  ...{ cause, available, reserved, sold, expired: 0, released: 0, actor: null, role: null },
  ...others,
});

const reserve = async (...members: (TestUser | undefined)[]) =>
  Promise.all(members.map(async (user) => (await services.reserve(user as TestUser, dropId)).reservation.id));

it('the ledger tells reservations, purchases, releases and expired holds apart, and names no role', async () => {
  const [first = '', second = ''] = await reserve(users[0], users[1]);
  await services.purchase(users[0] as TestUser, first);
  await services.release(users[1] as TestUser, second);
  await reserve(users[2]);
  await app.expireHolds({ dropId });
  await app.context.worker.runOnce();
  const causes = (await movements()).map(({ cause, expired, released, role }) => ({ cause, expired, released, role }));
  // The two reservations share a batch or not.
  expect(causes.slice(-5)).toEqual([
    { cause: 'reserve', expired: 0, released: 0, role: null },
    { cause: 'purchase', expired: 0, released: 0, role: null },
    { cause: 'release', expired: 0, released: 1, role: null },
    { cause: 'reserve', expired: 0, released: 0, role: null },
    { cause: 'expire', expired: 1, released: 0, role: null },
  ]);
  expect(await app.mismatches()).toEqual([]);
});

it('a reservation of the unit of an expired hold is a movement of both, though no count changes', async () => {
  const [first = ''] = await reserve(users[0], users[1]);
  await app.expireHolds({ reservationId: first });
  await reserve(users[2]);
  expect((await movements()).at(-1)).toEqual(movement('reserve', [0, 0, 0], { expired: 1 }));
  await app.expireHolds({ dropId });
  await reserve(users[3]);
  expect((await movements()).at(-1)).toEqual(movement('reserve', [1, -1, 0], { expired: 2 }));
  expect(await app.mismatches()).toEqual([]);
});

it('a purchase and a release count the holds that had expired beside them', async () => {
  const [first = '', second = ''] = await reserve(users[0], users[1]);
  await app.expireHolds({ reservationId: first });
  await services.purchase(users[1] as TestUser, second);
  expect((await movements()).at(-1)).toEqual(movement('purchase', [1, -2, 1], { expired: 1 }));

  await app.database.query('UPDATE drops SET total_stock = 3 WHERE id = $1', [dropId]);
  const [third = '', fourth = ''] = await reserve(users[2], users[3]);
  await app.expireHolds({ reservationId: fourth });
  await services.release(users[2] as TestUser, third);
  expect((await movements()).at(-1)).toEqual(movement('release', [2, -2, 0], { expired: 1, released: 1 }));
  expect(await app.mismatches()).toEqual([]);
});

it('holds that a cancelled drop releases are released, not expired', async () => {
  const [first = ''] = await reserve(users[0], users[1]);
  await app.expireHolds({ reservationId: first });
  await app.database.query('UPDATE drops SET cancelled_at = now() WHERE id = $1', [dropId]);
  await app.context.worker.runOnce();
  expect((await movements()).at(-1)).toEqual(movement('release', [2, -2, 0], { expired: 1, released: 1 }));
  expect(await app.mismatches()).toEqual([]);
});

it('control: without the count of expired holds, the ledger takes them for released ones', async () => {
  const PgClient = withoutProtection(/set_config\('drop_inventory\.expired', (\$\d+::int::text), true\)/, '$1');
  const other = await startTestApp({ PgClient });
  try {
    const [user, id] = await Promise.all([other.createUser(), other.createDrop()]);
    await other.reserve(user, id).expect(201);
    await other.expireHolds({ dropId: id });
    await other.context.worker.runOnce();
    PgClient.assertUsed();
    expect((await movements(other, id)).at(-1)).toEqual(movement('release', [1, -1, 0], { released: 1 }));
    expect(await other.mismatches()).toHaveLength(1);
  } finally {
    await other.close();
  }
});

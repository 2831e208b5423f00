import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { listenTo, receivedAll, type Listener } from '../../helpers/sockets.js';
import {
  as,
  buy,
  editDrop,
  expectInvalid,
  expectMembers,
  expectProblem,
  expectSuccess,
  hold,
  MEMBERS,
  UNKNOWN_ID,
} from './support.js';

let app: TestApp;
let admin: TestUser;
let owner: TestUser;
let own: Listener;
let others: Listener;
let dropId: string;

beforeAll(async () => {
  app = await startTestApp();
  [admin, owner] = await Promise.all([app.createUser('admin'), app.createUser()]);
  [own, others] = await Promise.all([listenTo(app, { token: owner.token }), listenTo(app)]);
});
beforeEach(async () => {
  dropId = await app.createDrop({ total_stock: 5 });
});
afterAll(async () => {
  own.close();
  others.close();
  await app.close();
});

const release = (id: string, body?: object, by = admin) =>
  as(by, app.http.delete(`/api/admin/reservations/${id}`)).send(body);

async function movements() {
  const { rows } = await app.database.query<Record<string, unknown>>(
    `SELECT cause, expired_units AS expired, released_units AS released, actor_id AS actor, actor_role AS role, reason
     FROM stock_movements WHERE drop_id = $1 ORDER BY version`,
    [dropId],
  );
  return rows;
}

/** What a socket received about a reservation. */
async function updatesOf(listener: Listener, id: string) {
  await receivedAll(app, listener);
  return listener.received('reservation_update').filter(({ reservationId }) => reservationId === id);
}

describe('the release of a reservation by an admin', () => {
  it('puts the unit back on sale, and names the admin and the reason in the ledger', async () => {
    const { id } = await hold(app, owner, dropId);
    const { data } = expectSuccess(await release(id, { reason: 'Reserved by mistake' }), 200);
    expectMembers(data, MEMBERS.hold);
    expectMembers(data.reservation, MEMBERS.reservation);
    expect(data).toMatchObject({
      availableStock: 5,
      reservation: { id, status: 'released', userId: owner.id, dropId },
    });
    expect((await movements()).slice(1)).toEqual([
      { cause: 'reserve', expired: 0, released: 0, actor: null, role: null, reason: null },
      { cause: 'release', expired: 0, released: 1, actor: admin.id, role: null, reason: 'Reserved by mistake' },
    ]);
    await hold(app, owner, dropId);
    expect(await app.mismatches()).toEqual([]);
  });

  it('notifies the owner with the reason, and the others without one', async () => {
    const { id } = await hold(app, owner, dropId);
    await release(id).expect(200);
    const update = { reservationId: id, dropId, userId: owner.id, availableStock: 5, status: 'released' };
    expect(await updatesOf(own, id)).toEqual([{ ...update, reason: 'released-by-admin' }]);
    expect(await updatesOf(others, id)).toEqual([update]);
    const snapshots = others.received('inventory_update').filter((each) => each.dropId === dropId);
    expect(snapshots.at(-1)).toMatchObject({ availableStock: 5, reservedStock: 0, version: 3 });
  });

  it.each([
    ['without a body', undefined],
    ['with an empty one', {}],
    ['without a reason', { reason: null }],
  ])('is possible %s', async (_what, body) => {
    const { id } = await hold(app, owner, dropId);
    await release(id, body).expect(200);
    expect((await movements()).at(-1)).toMatchObject({ cause: 'release', actor: admin.id, reason: null });
  });

  it('may be repeated: it is made and published once', async () => {
    const { id } = await hold(app, owner, dropId);
    const first = await release(id, { reason: 'First' }).expect(200);
    const again = await release(id, { reason: 'Second' }).expect(200);
    expect(again.body.data.reservation).toEqual(first.body.data.reservation);
    expect(await movements()).toHaveLength(3);
    expect(await updatesOf(own, id)).toHaveLength(1);
  });

  it('of one that its owner has released changes nothing', async () => {
    const { id } = await hold(app, owner, dropId);
    await app.release(owner, id).expect(200);
    await release(id, { reason: 'Late' }).expect(200);
    expect((await movements()).at(-1)).toMatchObject({ cause: 'release', actor: null, reason: null });
    expect(await updatesOf(own, id)).toEqual([]);
  });

  it('of one that the cancellation of the drop has released changes nothing', async () => {
    const { id } = await hold(app, owner, dropId);
    await editDrop(app, dropId, 'cancelled_at = now()');
    await release(id, { reason: 'Late' }).expect(200);
    expect(await updatesOf(own, id)).toMatchObject([{ status: 'released', reason: 'drop-cancelled' }]);
    expect((await movements()).at(-1)).toMatchObject({ cause: 'release', actor: null, reason: null });
    expect(await app.mismatches()).toEqual([]);
  });

  it.each([
    ['purchased', 'reservation-settled'],
    ['expired', 'reservation-expired'],
    ['reclaimed', 'reservation-expired'],
  ] as const)('of one that is %s is refused', async (state, problem) => {
    const { id } =
      state === 'purchased' ? { id: (await buy(app, owner, dropId)).reservationId } : await hold(app, owner, dropId);
    if (state !== 'purchased') await app.expireHolds({ dropId });
    if (state === 'reclaimed') await app.context.worker.runOnce();
    expectProblem(await release(id, { reason: 'Late' }), problem);
    expect((await movements()).filter(({ actor }) => actor === admin.id)).toEqual([]);
    expect(await app.mismatches()).toEqual([]);
  });

  it('beside overdue holds is a movement of its own', async () => {
    await hold(app, await app.createUser(), dropId);
    await app.expireHolds({ dropId });
    // Not by a reservation, which would reclaim the overdue hold.
    const { rows } = await app.database.query<{ id: string }>(
      'INSERT INTO reservations (user_id, drop_id) VALUES ($1, $2) RETURNING id',
      [owner.id, dropId],
    );
    await editDrop(app, dropId, 'available_stock = available_stock - 1, reserved_stock = reserved_stock + 1');
    const response = await release(rows[0]?.id ?? '', { reason: 'Own' }).expect(200);
    expect(response.body.data.availableStock).toBe(5);
    expect((await movements()).slice(-2)).toMatchObject([
      { cause: 'expire', expired: 1, released: 0, actor: null, reason: null },
      { cause: 'release', expired: 0, released: 1, actor: admin.id, reason: 'Own' },
    ]);
    expect(await app.mismatches()).toEqual([]);
  });

  it('is possible while the drop is paused, and after its end', async () => {
    const [paused, ended] = [await hold(app, owner, dropId), await hold(app, await app.createUser(), dropId)];
    await editDrop(app, dropId, 'paused_at = now()');
    await release(paused.id).expect(200);
    await editDrop(app, dropId, "drop_starts_at = now() - interval '2 h', drop_ends_at = now() - interval '1 h'");
    await release(ended.id).expect(200);
    expect(await app.mismatches()).toEqual([]);
  });

  it('is for admins only: its owner is refused as well', async () => {
    const { id } = await hold(app, owner, dropId);
    expectProblem(await release(id, {}, owner), 'forbidden');
    expectProblem(await app.http.delete(`/api/admin/reservations/${id}`), 'unauthenticated');
    await release(id).expect(200);
  });

  it('of an unknown one, with an invalid id, reason or member, is refused', async () => {
    expectProblem(await release(UNKNOWN_ID), 'reservation-not-found');
    expectInvalid(await release('x'), 'params.id');
    const { id } = await hold(app, owner, dropId);
    for (const reason of ['', ' ', 5, 'x'.repeat(501), 'a\0b'])
      expectInvalid(await release(id, { reason }), 'body.reason');
    expectInvalid(await release(id, { why: 'x' }), 'body.why');
    expect(await movements()).toHaveLength(2);
    await release(id).expect(200);
  });
});

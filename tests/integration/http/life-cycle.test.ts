import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DropAction } from '../../../src/modules/drops/changes.schema.js';
import type { DropResponse } from '../../../src/modules/drops/drops.schema.js';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { listenTo, receivedAll, type Listener } from '../../helpers/sockets.js';
import type { DropColumns } from '../../helpers/drop.js';
import { as, buy, dataOf, expectInvalid, expectProblem, hold, UNKNOWN_ID } from './support.js';

let app: TestApp;
let admin: TestUser;
let listener: Listener;

beforeAll(async () => {
  app = await startTestApp();
  admin = await app.createUser('admin');
  listener = await listenTo(app);
});
afterAll(async () => {
  listener.close();
  await app.close();
});

const PAST = '2020-01-01T00:00:00Z';
const FUTURE = '2100-01-01T00:00:00Z';

/** The columns of a drop in each state; `paused before its start` is the state `paused`. */
const STATES = {
  draft: { published_at: null },
  scheduled: { drop_starts_at: FUTURE },
  live: {},
  sold_out: { total_stock: 0 },
  paused: { paused_at: PAST },
  'paused before its start': { paused_at: PAST, drop_starts_at: FUTURE },
  ended: { drop_starts_at: PAST, drop_ends_at: '2020-01-02T00:00:00Z' },
  cancelled: { cancelled_at: PAST },
} as const satisfies Record<string, DropColumns>;
type State = keyof typeof STATES;

/** What each action leads to in each state; a dash: nothing happens. It is refused in the states that are left out. */
const OUTCOMES: Record<DropAction, Partial<Record<State, DropResponse['status'] | '-'>>> = {
  publish: {
    draft: 'live',
    scheduled: '-',
    live: '-',
    sold_out: '-',
    paused: '-',
    'paused before its start': '-',
    ended: '-',
  },
  pause: { scheduled: 'paused', live: 'paused', sold_out: 'paused', paused: '-', 'paused before its start': '-' },
  resume: { scheduled: '-', live: '-', sold_out: '-', paused: 'live', 'paused before its start': 'scheduled' },
  end: { live: 'ended', sold_out: 'ended', paused: 'ended', ended: '-' },
  cancel: {
    scheduled: 'cancelled',
    live: 'cancelled',
    sold_out: 'cancelled',
    paused: 'cancelled',
    'paused before its start': 'cancelled',
    ended: 'cancelled',
    cancelled: '-',
  },
};
const ACTIONS = Object.keys(OUTCOMES) as DropAction[];

const act = (dropId: string, action: DropAction, body?: object) => {
  const request = as(admin, app.http.post(`/api/drops/${dropId}/${action}`));
  return body ? request.send(body) : request;
};

const read = async (dropId: string): Promise<DropResponse> =>
  dataOf(await as(admin, app.http.get(`/api/drops/${dropId}`)));

/** The events of a drop that a client without a token has received. */
async function eventsOf(dropId: string): Promise<string[]> {
  await receivedAll(app, listener);
  return listener.events
    .filter(
      ({ payload }) => (payload as { dropId?: string; id?: string }).dropId === dropId || idOf(payload) === dropId,
    )
    .map(({ name }) => name);
}
const idOf = (payload: unknown) => (payload as { id?: string }).id;

describe.for(ACTIONS)('to %s', (action) => {
  it.for(Object.keys(STATES) as State[])('a drop that is %s', async (state) => {
    const dropId = await app.createDrop({ drop_starts_at: PAST, ...STATES[state] });
    const before = await read(dropId);
    const outcome = OUTCOMES[action][state];
    const response = await act(dropId, action);

    if (outcome === undefined) {
      const problem = expectProblem(response, 'drop-state');
      expect(problem).toMatchObject({
        state: before.status,
        detail: expect.stringMatching(/^This drop cannot be \w+: it /),
      });
    } else {
      expect(dataOf(response)).toEqual(await read(dropId));
    }
    const after = await read(dropId);
    if (outcome === undefined || outcome === '-') {
      expect(after).toEqual(before);
      expect(await eventsOf(dropId)).toEqual([]);
      return;
    }
    expect(after).toMatchObject({ status: outcome, version: before.version + 1 });
    const events = action === 'publish' ? ['new_drop'] : ['inventory_update', 'drop_update'];
    expect(await eventsOf(dropId)).toEqual(events);
    // The same again.
    expect(dataOf(await act(dropId, action, { reason: 'Sent twice' }))).toEqual(after);
    expect(await eventsOf(dropId)).toEqual(events);
  });
});

it('every action takes effect for the next reservation', async () => {
  const dropId = await app.createDrop({ published_at: null, drop_starts_at: PAST });
  const reserve = async () => app.reserve(await app.createUser(), dropId);
  expectProblem(await reserve(), 'drop-not-found');
  for (const [action, code] of [
    ['publish', null],
    ['pause', 'drop-paused'],
    ['resume', null],
    ['end', 'drop-ended'],
    ['cancel', 'drop-ended'],
  ] as const) {
    await act(dropId, action).expect(200);
    const response = await reserve();
    if (code === null) expect(response.status).toBe(201);
    else expectProblem(response, code);
  }
  expect(await app.mismatches()).toEqual([]);
});

it.each(['pause', 'end'] as const)('a hold outlives the %s, and can be purchased', async (action) => {
  const [dropId, [buyer, leaver]] = await Promise.all([app.createDrop({ drop_starts_at: PAST }), app.createUsers(2)]);
  if (!buyer || !leaver) throw new Error('two users');
  const [bought, released] = [await hold(app, buyer, dropId), await hold(app, leaver, dropId)];
  const drop = dataOf<DropResponse>(await act(dropId, action));
  expect(drop).toMatchObject({ reservedStock: 2, availability: 'closed' });
  await app.purchase(buyer, bought.id).expect(201);
  await app.release(leaver, released.id).expect(200);
  expect(await read(dropId)).toMatchObject({ reservedStock: 0, soldStock: 1 });
  expect(await app.mismatches()).toEqual([]);
});

describe('a cancellation', () => {
  it('releases every hold once, and sends its owner the reason', async () => {
    const [dropId, users] = await Promise.all([app.createDrop({ total_stock: 5 }), app.createUsers(3)]);
    const [buyer] = users;
    if (!buyer) throw new Error('a user');
    const bought = await buy(app, buyer, dropId);
    const holds: { readonly id: string }[] = [];
    for (const user of users) holds.push(await hold(app, user, dropId));
    const owners = await Promise.all(users.map(({ token }) => listenTo(app, { token })));

    const drop = dataOf<DropResponse>(await act(dropId, 'cancel', { reason: 'The supplier did not deliver' }));
    expect(drop).toMatchObject({ status: 'cancelled', availableStock: 4, reservedStock: 0, soldStock: 1 });
    await act(dropId, 'cancel').expect(200);
    await app.context.worker.runOnce();
    await receivedAll(app, ...owners);
    for (const [index, owner] of owners.entries()) {
      const own = owner.received('reservation_update').filter(({ userId }) => userId === users[index]?.id);
      expect(own).toEqual([
        expect.objectContaining({
          reservationId: holds[index]?.id,
          dropId,
          status: 'released',
          reason: 'drop-cancelled',
          availableStock: 4,
        }),
      ]);
      owner.close();
      expectProblem(await app.purchase(users[index] ?? buyer, holds[index]?.id ?? ''), 'reservation-settled');
    }
    const purchases = dataOf<{ id: string }[]>(await as(buyer, app.http.get('/api/purchases/mine')));
    expect(purchases).toEqual([expect.objectContaining({ id: bought.id })]);
    expect(await app.mismatches()).toEqual([]);
  });

  it('leaves what exceeds one transaction to the worker, and none of it can be purchased', async () => {
    const count = 300;
    const dropId = await app.createDrop({ total_stock: count });
    const users = await app.createUsers(count);
    const holds = await Promise.all(users.map((user) => hold(app, user, dropId)));
    const drop = dataOf<DropResponse>(await act(dropId, 'cancel'));
    expect(drop).toMatchObject({ status: 'cancelled', availableStock: 256, reservedStock: 44 });
    const [last] = users.flatMap((user, index) => ({ user, id: holds[index]?.id ?? '' })).slice(-1);
    if (!last) throw new Error('a user');
    expectProblem(await app.purchase(last.user, last.id), 'reservation-settled');
    await app.context.worker.runOnce();
    expect(await read(dropId)).toMatchObject({ availableStock: count, reservedStock: 0, soldStock: 0 });
    await receivedAll(app, listener);
    expect(await app.mismatches()).toEqual([]);
  });

  it('reclaims a hold whose time is over as expired, without a reason', async () => {
    const [dropId, user] = await Promise.all([app.createDrop(), app.createUser()]);
    const { id } = await hold(app, user, dropId);
    await app.expireHolds({ dropId });
    await act(dropId, 'cancel').expect(200);
    await receivedAll(app, listener);
    const updates = listener.received('reservation_update').filter(({ reservationId }) => reservationId === id);
    expect(updates).toMatchObject([{ status: 'expired' }]);
    expect(updates[0]).not.toHaveProperty('reason');
  });
});

it('a refused action returns the units of overdue holds nevertheless', async () => {
  const [dropId, user] = await Promise.all([app.createDrop({ total_stock: 1 }), app.createUser()]);
  await hold(app, user, dropId);
  await act(dropId, 'end').expect(200);
  await app.expireHolds({ dropId });
  expectProblem(await act(dropId, 'pause'), 'drop-state');
  expect(await read(dropId)).toMatchObject({ status: 'ended', availableStock: 1, reservedStock: 0 });
  expect(await app.mismatches()).toEqual([]);
});

describe('the requests', () => {
  it('are for admins only', async () => {
    const [dropId, user] = await Promise.all([app.createDrop(), app.createUser()]);
    for (const action of ACTIONS) {
      expectProblem(await as(user, app.http.post(`/api/drops/${dropId}/${action}`)), 'forbidden');
      expectProblem(await app.http.post(`/api/drops/${dropId}/${action}`), 'unauthenticated');
    }
  });

  it('name a drop that exists', async () => {
    for (const action of ACTIONS) expectProblem(await act(UNKNOWN_ID, action), 'drop-not-found');
  });

  it('take a reason, and nothing else', async () => {
    const dropId = await app.createDrop();
    expectInvalid(await act(dropId, 'pause', { reason: ' ' }), 'body.reason');
    expectInvalid(await act(dropId, 'pause', { reason: 'a'.repeat(501) }), 'body.reason');
    const { errors } = expectProblem(await act(dropId, 'pause', { reasons: 'Late' }), 'validation-failed');
    expect(errors).toEqual([
      expect.objectContaining({
        path: 'body.reasons',
        message: 'is not known; did you mean reason? (known here: reason)',
      }),
    ]);
    expect(await read(dropId)).toMatchObject({ status: 'live' });
  });
});

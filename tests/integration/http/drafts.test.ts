import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DropResponse } from '../../../src/modules/drops/drops.schema.js';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { until } from '../../helpers/locks.js';
import { listenTo, receivedAll, type Listener } from '../../helpers/sockets.js';
import { as, dataOf, expectInvalid, expectProblem, expectSuccess } from './support.js';

let app: TestApp;
let admin: TestUser;
let user: TestUser;
/** Clients without a token, of a user, and of an admin. */
let listeners: readonly [Listener, Listener, Listener];
let draft: DropResponse;

beforeAll(async () => {
  app = await startTestApp({ pollLedger: true });
  [admin, user] = await Promise.all([app.createUser('admin'), app.createUser()]);
  listeners = await Promise.all([
    listenTo(app),
    listenTo(app, { token: user.token }),
    listenTo(app, { token: admin.token }),
  ]);
  const [, , ofAdmin] = listeners;
  // An admin receives `stats` once the socket is in the admins' room.
  await until('the admin to be known', () => ofAdmin.received('stats').length > 0);
});
beforeEach(async () => {
  draft = await createDrop({ published: false });
});
afterAll(async () => {
  for (const listener of listeners) listener.close();
  await app.close();
});

async function createDrop(body: object): Promise<DropResponse> {
  const request = as(admin, app.http.post('/api/drops')).send({
    name: 'Not yet known',
    price: '5.00',
    totalStock: 3,
    ...body,
  });
  return expectSuccess(await request, 201).data as DropResponse;
}

/** The events of the drop that each of the clients has received, without those of its stock. */
async function eventsOf(id: string): Promise<string[][]> {
  await receivedAll(app, ...listeners);
  return listeners.map(({ events }) =>
    events.filter(({ payload }) => (payload as { id?: string }).id === id).map(({ name }) => name),
  );
}

/** Everything about a drop that the clients other than the admin have received. */
async function seenByOthers(id: string): Promise<unknown[]> {
  await receivedAll(app, ...listeners);
  return listeners
    .slice(0, 2)
    .flatMap(({ events }) => events.filter(({ payload }) => JSON.stringify(payload).includes(id)));
}

describe('a draft', () => {
  it('is created with published: false, for admins only to see', async () => {
    expect(draft).toMatchObject({ status: 'draft', availability: 'closed', availableStock: 3 });
    for (const path of [`/api/drops/${draft.id}`, `/api/drops/${draft.id}/movements`]) {
      expectProblem(await app.http.get(path), 'drop-not-found');
      expectProblem(await as(user, app.http.get(path)), 'drop-not-found');
      expectProblem(await app.http.get(path).auth('not a token', { type: 'bearer' }), 'drop-not-found');
      const response = await as(admin, app.http.get(path));
      expect(response.status).toBe(200);
      expect(response.headers['cache-control']).toBe('no-store');
      // The response for the admin was not cached for the others.
      expectProblem(await app.http.get(path), 'drop-not-found');
    }
    expect(dataOf(await as(admin, app.http.get(`/api/drops/${draft.id}`)))).toEqual(draft);
  });

  it('is in no list, no search and no count but those of admins', async () => {
    const ids = async (query: string, path = '/api/drops') => {
      const { data, meta } = expectSuccess(await as(admin, app.http.get(`${path}${query}`)), 200);
      return { ids: (data as DropResponse[]).map(({ id }) => id), total: (meta as { totalItems: number }).totalItems };
    };
    const before = await ids('');
    const other = await createDrop({ published: false, name: 'Zephyr' });
    app.context.dropLists.clear();
    expect(await ids('')).toEqual(before);
    expect(await ids('?q=zephyr')).toEqual({ ids: [], total: 0 });
    expectInvalid(await app.http.get('/api/drops?status=draft'), 'query.status');

    expect(await ids('?q=zephyr', '/api/admin/drops')).toEqual({ ids: [other.id], total: 1 });
    expect((await ids('?status=draft', '/api/admin/drops')).ids.slice(0, 2)).toEqual([other.id, draft.id]);
    expect((await ids('', '/api/admin/drops')).ids.slice(0, 2)).toEqual([other.id, draft.id]);
    expectProblem(await as(user, app.http.get('/api/admin/drops')), 'forbidden');
    expectProblem(await app.http.get('/api/admin/drops'), 'unauthenticated');
  });

  it('is not described by the page of a drop', async () => {
    const page = await app.http.get(`/drops/${draft.id}`);
    expect(page.status).toBe(404);
    expect(page.text).not.toContain(draft.name);
  });

  it('cannot be reserved: it is not found', async () => {
    expectProblem(await app.reserve(user, draft.id), 'drop-not-found');
    expectProblem(await app.reserve(admin, draft.id), 'drop-not-found');
  });

  it('is in no snapshot, and in no acknowledgement of a subscription', async () => {
    const published = await createDrop({});
    for (const token of [undefined, user.token, admin.token]) {
      const listener = await listenTo(app, { snapshot: true, ...(token && { token }) });
      await until('the snapshots', () =>
        listener.received('inventory_update').some(({ dropId }) => dropId === published.id),
      );
      await receivedAll(app, listener);
      expect(listener.received('inventory_update').map(({ dropId }) => dropId)).not.toContain(draft.id);
      for (const payload of [{ dropIds: [draft.id] }, {}]) {
        const { drops } = (await listener.socket.emitWithAck('drops:subscribe', payload)) as {
          drops: { dropId: string }[];
        };
        expect(drops.map(({ dropId }) => dropId)).not.toContain(draft.id);
      }
      listener.close();
    }
  });

  it('is in events for admins only, whoever changes it', async () => {
    await as(admin, app.http.patch(`/api/drops/${draft.id}`))
      .send({ name: 'Renamed' })
      .expect(200);
    expect(await eventsOf(draft.id)).toEqual([[], [], ['drop_update', 'drop_update']]);
    await app.database.query('UPDATE drops SET total_stock = 7 WHERE id = $1', [draft.id]);
    await until('the edit to be published', async () => (await eventsOf(draft.id))[2]?.length === 3);
    expect(await seenByOthers(draft.id)).toEqual([]);
    expect(listeners[2].received('drop_update').at(-1)).toMatchObject({ id: draft.id, name: 'Renamed', totalStock: 7 });
  });

  it('is announced to all when it is published', async () => {
    const { body } = await as(admin, app.http.post(`/api/drops/${draft.id}/publish`)).expect(200);
    expect(body.data).toMatchObject({ status: 'live', availability: 'available', version: 2 });
    expect(await eventsOf(draft.id)).toEqual([['new_drop'], ['new_drop'], ['drop_update', 'new_drop']]);
    expect(listeners[0].received('new_drop').at(-1)).toEqual(body.data);
    expect(dataOf(await app.http.get(`/api/drops/${draft.id}`))).toEqual(body.data);
    expect(await as(user, app.reserve(user, draft.id))).toMatchObject({ status: 201 });
  });

  it.each([
    ['drafted by the API', () => Promise.resolve(draft.id)],
    ['drafted in SQL', () => app.createDrop({ published_at: null })],
  ])('that was %s is announced to all when it is published in SQL', async (_what, create) => {
    const id = await create();
    // Whatever time is written: the trigger sets the current one.
    await app.database.query(`UPDATE drops SET published_at = '2020-01-01' WHERE id = $1`, [id]);
    await until('the drop to be announced', async () =>
      (await eventsOf(id)).every((names) => names.includes('new_drop')),
    );
    expect((await eventsOf(id)).slice(0, 2)).toEqual([['new_drop'], ['new_drop']]);
  });

  it('is still announced if its first reservation is published before its publication is found', async () => {
    await app.database.query('UPDATE drops SET published_at = now() WHERE id = $1', [draft.id]);
    await app.reserve(await app.createUser(), draft.id).expect(201);
    await until('the drop to be announced', async () =>
      (await eventsOf(draft.id)).every((names) => names.includes('new_drop')),
    );
  });
});

it('an admin lists drops in the order that is asked for', async () => {
  const drops = [
    await app.createDrop({ name: 'sorted b', created_at: '2029-01-01', total_stock: 1, drop_starts_at: '2030-01-03' }),
    await app.createDrop({ name: 'Sorted C', created_at: '2029-01-02', total_stock: 3, drop_starts_at: '2030-01-02' }),
    await app.createDrop({ name: 'sorted a', created_at: '2029-01-03', total_stock: 2, drop_starts_at: '2030-01-01' }),
  ];
  const [b, c, a] = drops;
  const sorted = async (sort?: string) => {
    const query = sort ? `&sort=${sort}` : '';
    const response = await as(admin, app.http.get(`/api/admin/drops?q=sorted${query}`));
    return dataOf<DropResponse[]>(response).map(({ id }) => id);
  };
  expect(await sorted()).toEqual([a, c, b]);
  expect(await sorted('newest')).toEqual([a, c, b]);
  expect(await sorted('name')).toEqual([a, b, c]);
  expect(await sorted('start')).toEqual([a, c, b]);
  expect(await sorted('available')).toEqual([c, a, b]);
  expect(await sorted('sold')).toEqual([a, c, b]);
  expectInvalid(await as(admin, app.http.get('/api/admin/drops?sort=price')), 'query.sort');
});

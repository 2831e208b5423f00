import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DropResponse } from '../../../src/modules/drops/drops.schema.js';
import type { TestUser } from '../../helpers/app.js';
import type { DropColumns } from '../../helpers/drop.js';
import { listenTo, receivedAll, type Listener } from '../../helpers/sockets.js';
import { loseCommit, startFragileApp, type FragileApp } from './support.js';

let app: FragileApp;
let admin: TestUser;
let listener: Listener;

beforeAll(async () => {
  app = await startFragileApp();
  admin = await app.createUser('admin');
  listener = await listenTo(app);
});
afterAll(async () => {
  listener.close();
  await app.close();
});

interface Change {
  readonly path: string;
  readonly method?: 'post' | 'patch';
  readonly body?: object;
  readonly columns?: DropColumns;
  readonly expected: Partial<DropResponse>;
  /** The versions that it adds. */
  readonly versions?: number;
}

const CHANGES: readonly Change[] = [
  { path: '/publish', columns: { published_at: null }, expected: { status: 'live' } },
  { path: '/pause', expected: { status: 'paused', reservedStock: 1 } },
  { path: '/resume', columns: { paused_at: new Date() }, expected: { status: 'live' } },
  { path: '/end', expected: { status: 'ended', reservedStock: 1 } },
  { path: '/cancel', expected: { status: 'cancelled', reservedStock: 0 }, versions: 2 },
  { path: '', method: 'patch', body: { name: 'Renamed' }, expected: { name: 'Renamed', reservedStock: 1 } },
];

describe('a change of a drop whose COMMIT was lost', () => {
  it.for(CHANGES)('is found and published once: $expected', async ({ path, method = 'post', body = {}, ...change }) => {
    const { columns = {}, expected, versions = 1 } = change;
    const dropId = await app.createDrop({ drop_starts_at: '2020-01-01', ...columns });
    const isHeld = Object.keys(columns).length === 0;
    if (isHeld) await app.reserve(await app.createUser(), dropId).expect(201);
    await receivedAll(app, listener);

    const request = () =>
      app.http[method](`/api/drops/${dropId}${path}`).auth(admin.token, { type: 'bearer' }).send(body);
    const response = await loseCommit(app, request, () => Promise.resolve());
    expect([response.status, response.body.code]).toEqual([200, undefined]);
    const drop = response.body.data as DropResponse;
    expect(drop).toMatchObject({ ...expected, version: (isHeld ? 2 : 1) + versions });

    await app.recovered();
    await receivedAll(app, listener);
    const details = listener.events.filter(({ payload }) => (payload as { id?: string }).id === dropId);
    expect(details).toEqual([{ name: path === '/publish' ? 'new_drop' : 'drop_update', payload: drop }]);
    const released = listener.received('reservation_update').filter((update) => update.dropId === dropId);
    expect(released).toHaveLength(path === '/cancel' ? 1 : 0);
    expect(await app.mismatches()).toEqual([]);
  });
});

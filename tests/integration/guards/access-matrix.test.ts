import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkAccessPolicy, type HiddenResource } from '../../../src/lib/auth/access-policy.js';
import { defineRoute, type Route } from '../../../src/lib/http/define-route.js';
import { createRoutes } from '../../../src/modules/index.js';
import { clientEvents } from '../../../src/realtime/events.js';
import { accessDocument } from '../../helpers/access/access-table.js';
import { databaseState } from '../../helpers/access/database-state.js';
import {
  CALLERS,
  mayConnect,
  verdictOf,
  verdictOnHidden,
  type Caller,
  type Verdict,
} from '../../helpers/access/expected.js';
import { sampleOf } from '../../helpers/access/samples.js';
import { createScene, type Scene } from '../../helpers/access/scene.js';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { listenTo } from '../../helpers/sockets.js';

const DOCUMENT = join(import.meta.dirname, '../../../docs/access.md');

let app: TestApp;
let routes: readonly Route[];

beforeAll(async () => {
  app = await startTestApp();
  routes = createRoutes(app.context);
});
afterAll(() => app.close());

const nameOf = ({ method, path }: Pick<Route, 'method' | 'path'>) => `${method.toUpperCase()} ${path}`;

/** Sends a valid request of a route as the caller of the scene. */
async function send(route: Route, scene: Scene) {
  const { params = {}, body } = sampleOf(route, scene);
  const path = route.path.replace(/:(\w+)/g, (_matched, name: string) => params[name] ?? '');
  const response = await fetch(app.url + path, {
    method: route.method.toUpperCase(),
    headers: {
      ...(scene.token !== undefined && { Authorization: `Bearer ${scene.token}` }),
      ...(body && { 'Content-Type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** The id of a drop that is hidden as the policy of its route says. */
function hiddenDrop({ resource }: HiddenResource, { hidden }: Scene): string {
  const id = hidden[resource];
  if (id === undefined) throw new Error(`A ${resource} is hidden: add one to tests/helpers/access/scene.ts`);
  return id;
}

/** Sends the request of a cell of the matrix. Returns what contradicts the policy. */
async function faultsOf(route: Route, caller: Caller, verdict: Verdict, hidden?: HiddenResource): Promise<unknown[]> {
  const isForAdmins = route.access === 'admin' || hidden !== undefined;
  const created = await createScene(app, caller, isForAdmins ? 'admin' : 'user');
  const scene = hidden ? { ...created, dropId: hiddenDrop(hidden, created) } : created;
  const before = verdict.kind === 'refused' ? await databaseState(app.database) : {};
  const { status, headers, text } = await send(route, scene);
  if (verdict.kind === 'served') {
    const { reservation, account } = scene.resources;
    const isForeign = route.owner === 'caller' && caller !== 'owner';
    const leaks = isForeign && [reservation, account, scene.owner.email].some((secret) => text.includes(secret ?? '-'));
    return status === route.success.status && !leaks ? [] : [{ status, text, leaks }];
  }
  const { code } = JSON.parse(text) as { code?: string };
  const result = { kind: 'refused', status, code, authenticate: headers.get('www-authenticate') };
  const isUnchanged = JSON.stringify(before) === JSON.stringify(await databaseState(app.database));
  return JSON.stringify(result) === JSON.stringify(verdict) && isUnchanged ? [] : [{ ...result, isUnchanged }];
}

describe.each(CALLERS)('%s', (caller) => {
  it('gets from every route what its policy says, and a refused request changes nothing', async () => {
    const faults: unknown[] = [];
    for (const route of routes) {
      const verdict = verdictOf(route, caller);
      for (const fault of await faultsOf(route, caller, verdict)) faults.push([nameOf(route), verdict, fault]);
      if (!route.hidden) continue;
      const onHidden = verdictOnHidden(route.hidden, caller);
      const found = await faultsOf(route, caller, onHidden, route.hidden);
      for (const fault of found) faults.push([nameOf(route), route.hidden.resource, onHidden, fault]);
    }
    expect(faults).toEqual([]);
  });

  it('may send every socket request that needs no token, if the socket may connect', async () => {
    const { token } = await createScene(app, caller, 'user');
    const connected = await listenTo(app, token === undefined ? {} : { token }).catch((error: unknown) => error);
    if (!mayConnect(caller)) {
      expect(connected).toMatchObject({ data: { code: 'unauthenticated' } });
      return;
    }
    const { socket, close } = connected as Awaited<ReturnType<typeof listenTo>>;
    for (const name of Object.keys(clientEvents) as (keyof typeof clientEvents)[]) {
      const answer: unknown = await socket.emitWithAck(name, { dropIds: [] });
      expect([name, clientEvents[name].acknowledgement.safeParse(answer).error]).toEqual([name, undefined]);
    }
    close();
  });
});

describe('the matrix', () => {
  it('is in the documents', async () => {
    const policies = Object.fromEntries(routes.map((route) => [nameOf(route), route]));
    const options = { ...(await resolveConfig(DOCUMENT)), filepath: DOCUMENT };
    await expect(await format(accessDocument(policies, clientEvents), options)).toMatchFileSnapshot(DOCUMENT);
  });

  it('would find a route that serves others than its policy says, and one that writes before it refuses', async () => {
    const find = (operationId: string) => routes.find((route) => route.operationId === operationId) as Route;
    const refused: Verdict = { kind: 'refused', status: 403, code: 'forbidden', authenticate: null };
    expect(await faultsOf(find('createReservation'), 'user', refused)).toMatchObject([{ isUnchanged: false }]);
    expect(await faultsOf(find('releaseReservation'), 'other user', { kind: 'served' })).toHaveLength(1);
    const getDrop = find('getDrop');
    expect(await faultsOf(getDrop, 'user', { kind: 'served' }, getDrop.hidden)).toHaveLength(1);
  });

  it('would fail for a new route without a sample, with a message that says where to add it', async () => {
    const scene = await createScene(app, 'user', 'user');
    const route = routes.find(({ operationId }) => operationId === 'getDrop') as Route;
    expect(() => sampleOf({ ...route, operationId: 'getNew' }, scene)).toThrow(/getNew needs a valid request: add it/);
    const owner = { resource: 'ticket', id: 'params.id', admin: false, refusal: { code: 'x', status: 403 } } as never;
    expect(() => sampleOf({ ...route, owner }, scene)).toThrow(/names the resource ticket: add it/);
  });
});

describe('without a policy the service does not start:', () => {
  it.each([
    ['no access', { owner: 'none' }, 'access must be one of'],
    ['an unknown access', { access: 'everyone', owner: 'none' }, 'access must be one of'],
    ['no owner', { access: 'user' }, 'owner must be'],
    [
      'a hidden resource where all need a token',
      { access: 'user', owner: 'none', hidden: {} },
      'only a public request',
    ],
    ['an owner where there is no caller', { access: 'public', owner: 'caller' }, 'no caller'],
  ])('%s', (_case, policy, message) => {
    const request = 'The socket request drops:subscribe';
    expect(() => {
      checkAccessPolicy(request, policy as never);
    }).toThrow(new RegExp(`^${request} has no valid access policy: .*${message}`));
    const handler = () => ({ data: null });
    const route = { method: 'get', path: '/api/new', success: { status: 200 }, handler, ...policy };
    expect(() => defineRoute(route as never)).toThrow(
      new RegExp(`^GET /api/new has no valid access policy: .*${message}`),
    );
  });

  it('a hidden resource that no handler shows to admins, or such a handler without one', () => {
    const route = { method: 'get', path: '/api/new', access: 'public', owner: 'none', success: { status: 200 } };
    for (const half of [{ hidden: {} }, { adminHandler: () => ({ data: null }) }]) {
      expect(() => defineRoute({ ...route, ...half } as never)).toThrow('both hidden and adminHandler');
    }
  });

  it('an owned resource that the request does not name', () => {
    const owner = { resource: 'drop', id: 'body.dropId', admin: false, refusal: { code: 'x', status: 403 } };
    const route = { method: 'get', path: '/api/new', access: 'user', owner, success: { status: 200 } };
    expect(() => defineRoute(route as never)).toThrow('its requests have no member body.dropId');
  });
});

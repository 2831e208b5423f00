import type { Route } from '../../../src/lib/http/define-route.js';
import { TEST_PASSWORD } from '../app.js';
import type { Scene } from './scene.js';

export interface Sample {
  readonly params?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** Valid requests of the routes that need more than the id of the owned resource, by operationId. */
const SAMPLES: Readonly<Record<string, (scene: Scene) => Sample>> = {
  register: ({ unique }) => ({
    body: { username: unique, email: `${unique}@example.com`, password: `${unique} is long` },
  }),
  login: ({ credentials }) => ({ body: credentials }),
  getDrop: ({ dropId }) => ({ params: { id: dropId } }),
  listMovements: ({ dropId }) => ({ params: { id: dropId } }),
  changeDrop: ({ dropId, unique }) => ({ params: { id: dropId }, body: { name: unique } }),
  publishDrop: ({ dropId }) => ({ params: { id: dropId } }),
  pauseDrop: ({ dropId }) => ({ params: { id: dropId } }),
  resumeDrop: ({ dropId }) => ({ params: { id: dropId } }),
  endDrop: ({ dropId }) => ({ params: { id: dropId } }),
  cancelDrop: ({ dropId }) => ({ params: { id: dropId } }),
  createDrop: ({ unique }) => ({ body: { name: unique, price: '1.00', totalStock: 1 } }),
  changeStock: ({ dropId }) => ({ params: { id: dropId }, body: { delta: 1 } }),
  getDropStats: ({ dropId }) => ({ params: { id: dropId } }),
  listDropReservations: ({ dropId }) => ({ params: { id: dropId } }),
  listDropPurchases: ({ dropId }) => ({ params: { id: dropId } }),
  listLedger: ({ dropId }) => ({ params: { id: dropId } }),
  changePassword: ({ unique }) => ({ body: { currentPassword: TEST_PASSWORD, newPassword: `${unique} is long` } }),
  deleteMe: () => ({ body: { password: TEST_PASSWORD } }),
  disableUser: ({ owner }) => ({ params: { id: owner.id } }),
  enableUser: ({ owner }) => ({ params: { id: owner.id } }),
  releaseReservationByAdmin: ({ resources }) => ({ params: { id: resources.reservation ?? '' } }),
  createReservation: ({ freeDropId }) => ({ body: { dropId: freeDropId } }),
};

/**
 * Returns a valid request of a route. The id of an owned resource is filled in where the policy of the route says.
 *
 * @throws if the route is new, and needs a sample.
 */
export function sampleOf(route: Route, scene: Scene): Sample {
  const { operationId, path, owner, body, params } = route;
  const sample = SAMPLES[operationId]?.(scene) ?? {};
  const owned = typeof owner === 'object' ? { [owner.id]: resourceOf(route, scene) } : {};
  const parts = {
    params: { ...membersOf(owned, 'params'), ...sample.params },
    body: { ...membersOf(owned, 'body'), ...sample.body },
  };
  const missing = [...path.matchAll(/:(\w+)/g)].some(([, name = '']) => parts.params[name] === undefined);
  const isComplete =
    !missing && (params?.safeParse(parts.params).success ?? true) && (body?.safeParse(parts.body).success ?? true);
  if (!isComplete) {
    throw new Error(`${operationId} needs a valid request: add it to SAMPLES in tests/helpers/access/samples.ts`);
  }
  return body ? parts : { params: parts.params };
}

function resourceOf({ operationId, owner }: Route, { resources }: Scene): string {
  const { resource } = owner as { resource: string };
  const id = resources[resource];
  if (id === undefined) {
    throw new Error(`${operationId} names the resource ${resource}: add it to tests/helpers/access/scene.ts`);
  }
  return id;
}

function membersOf(owned: Readonly<Record<string, string>>, part: string): Record<string, string> {
  const entries = Object.entries(owned).filter(([path]) => path.startsWith(`${part}.`));
  return Object.fromEntries(entries.map(([path, id]) => [path.slice(part.length + 1), id]));
}

import { randomUUID } from 'node:crypto';
import { TEST_PASSWORD, type TestApp, type TestUser } from '../app.js';
import type { Caller } from './expected.js';

/** What a request of the matrix may name. New for each request, so that a served one does not change the next. */
export interface Scene {
  /** The caller's token; undefined without one. */
  readonly token: string | undefined;
  readonly owner: TestUser;
  /** Ids of what belongs to the owner, by the name of the resource in the policies. */
  readonly resources: Readonly<Record<string, string>>;
  /** The drop of which the owner and the other user hold units. */
  readonly dropId: string;
  /** Ids of what admins only see, by the name of the resource in the policies. */
  readonly hidden: Readonly<Record<string, string>>;
  /** A drop of which no one holds a unit. */
  readonly freeDropId: string;
  /** The e-mail and the password of an account. */
  readonly credentials: { readonly email: string; readonly password: string };
  /** A name that nothing has. */
  readonly unique: string;
}

/** Creates the scene of a request. @param role which the caller's account has if its token is worthless. */
export async function createScene(app: TestApp, caller: Caller, role: 'user' | 'admin'): Promise<Scene> {
  const [dropId, freeDropId] = [await app.createDrop(), await app.createDrop()];
  const [owner, signedUp] = await app.createUsers(2);
  if (!owner || !signedUp) throw new Error('no users were created');
  const reservation = await holdUnit(app, owner, dropId);
  const scene = {
    owner,
    resources: { reservation, account: owner.id },
    ...{ dropId, freeDropId },
    hidden: { draft: await app.createDrop({ published_at: null }) },
    credentials: { email: signedUp.email, password: TEST_PASSWORD },
    unique: `m${randomUUID().replaceAll('-', '').slice(0, 20)}`,
  };
  // Whose token is worthless was, as long as it was not, the one who might do most.
  const former = role === 'admin' ? () => app.createUser('admin') : () => Promise.resolve(owner);
  return { ...scene, token: await tokenOf(app, caller, { ...scene, former }) };
}

interface Accounts {
  readonly owner: TestUser;
  readonly dropId: string;
  readonly former: () => Promise<TestUser>;
}

async function tokenOf(app: TestApp, caller: Caller, { owner, dropId, former }: Accounts): Promise<string | undefined> {
  switch (caller) {
    case 'anonymous':
      return undefined;
    case 'owner':
      return owner.token;
    case 'user':
      return (await app.createUser()).token;
    case 'other user': {
      const other = await app.createUser();
      await holdUnit(app, other, dropId);
      return other.token;
    }
    case 'admin':
      return (await app.createUser('admin')).token;
    case 'deleted': {
      const { token, id } = await app.createUser((await former()).role);
      await app.database.query('DELETE FROM users WHERE id = $1', [id]);
      return token;
    }
    case 'ended token': {
      const { id, token } = await former();
      await app.database.query('UPDATE users SET token_version = token_version + 1 WHERE id = $1', [id]);
      return token;
    }
    case 'disabled': {
      const { id, token } = await former();
      await app.database.query('UPDATE users SET disabled_at = now() WHERE id = $1', [id]);
      return token;
    }
  }
}

async function holdUnit(app: TestApp, user: TestUser, dropId: string): Promise<string> {
  const { body } = await app.reserve(user, dropId).expect(201);
  return (body as { data: { reservation: { id: string } } }).data.reservation.id;
}

import { beforeEach, describe, expect, it } from 'vitest';
import { createSessionStore, type Session } from '../../../web/src/services/session.js';

/** A Storage in memory. */
function createStorage(): Storage {
  const items = new Map<string, string>();
  return {
    get length() {
      return items.size;
    },
    clear: () => {
      items.clear();
    },
    getItem: (key) => items.get(key) ?? null,
    key: (index) => [...items.keys()][index] ?? null,
    removeItem: (key) => {
      items.delete(key);
    },
    setItem: (key, value) => {
      items.set(key, value);
    },
  };
}

const sessionOf = (username: string): Session => ({
  token: `token of ${username}`,
  user: { id: username, username, email: `${username}@example.com`, role: 'user' },
});
const [ada, bob] = [sessionOf('ada'), sessionOf('bob')];

let shared: Storage;
let own: Storage;
beforeEach(() => {
  shared = createStorage();
  own = createStorage();
});

describe('the session', () => {
  it('survives a reload, in every window', () => {
    createSessionStore({ own, shared }).open(ada, false);
    expect(createSessionStore({ own, shared }).get()).toEqual(ada);
    expect(createSessionStore({ own: createStorage(), shared }).get()).toEqual(ada);
  });

  it('can belong to this window alone, and then has precedence', () => {
    createSessionStore({ own: createStorage(), shared }).open(ada, false);
    createSessionStore({ own, shared }).open(bob, true);
    expect(createSessionStore({ own, shared }).get()).toEqual(bob);
    expect(createSessionStore({ own: createStorage(), shared }).get()).toEqual(ada);
  });

  it('ends for this window alone if it belongs to it, and does not fall back to the shared one', () => {
    createSessionStore({ own: createStorage(), shared }).open(ada, false);
    const store = createSessionStore({ own, shared });
    store.open(bob, true);
    store.end('signed-out');
    expect(store.get()).toBeNull();
    expect(createSessionStore({ own, shared }).get()).toBeNull();
    expect(createSessionStore({ own: createStorage(), shared }).get()).toEqual(ada);
  });

  it('follows changes of another window', () => {
    const here = createSessionStore({ own, shared });
    const elsewhere = createSessionStore({ own: createStorage(), shared });
    let notified = 0;
    here.subscribe(() => (notified += 1));

    elsewhere.open(ada, false);
    here.reread();
    here.reread();
    expect([here.get(), notified]).toEqual([ada, 1]);

    elsewhere.end('signed-out');
    here.reread();
    expect([here.get(), here.signOutReason(), notified]).toEqual([null, 'signed-out', 2]);
  });

  it('has the reason why it ended', () => {
    const store = createSessionStore({ own, shared });
    expect(store.signOutReason()).toBe('none');
    store.open(ada, false);
    store.end('ended');
    expect(store.signOutReason()).toBe('ended');
  });

  it.each(['', '{', 'null', '[]', '{"token":"x"}', '"nobody"'])('treats %j in the storage as no session', (text) => {
    shared.setItem('drop-inventory.session', text);
    expect(createSessionStore({ own, shared }).get()).toBeNull();
  });
});

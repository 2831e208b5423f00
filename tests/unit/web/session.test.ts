import { beforeEach, describe, expect, it } from 'vitest';
import { createSessionStore, type Session } from '../../../web/src/services/session.js';

/** As much of a Storage as the store asks for. */
function createStorage(): Storage {
  const kept = new Map<string, string>();
  return {
    get length() {
      return kept.size;
    },
    clear: () => {
      kept.clear();
    },
    getItem: (key) => kept.get(key) ?? null,
    key: (index) => [...kept.keys()][index] ?? null,
    removeItem: (key) => {
      kept.delete(key);
    },
    setItem: (key, value) => {
      kept.set(key, value);
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

  it('can be one of this window alone, which goes before that of all', () => {
    createSessionStore({ own: createStorage(), shared }).open(ada, false);
    createSessionStore({ own, shared }).open(bob, true);
    expect(createSessionStore({ own, shared }).get()).toEqual(bob);
    expect(createSessionStore({ own: createStorage(), shared }).get()).toEqual(ada);
  });

  it('ends for this window alone if it is its own: it does not turn into somebody else', () => {
    createSessionStore({ own: createStorage(), shared }).open(ada, false);
    const store = createSessionStore({ own, shared });
    store.open(bob, true);
    store.end('signed-out');
    expect(store.get()).toBeNull();
    expect(createSessionStore({ own, shared }).get()).toBeNull();
    expect(createSessionStore({ own: createStorage(), shared }).get()).toEqual(ada);
  });

  it('follows what another window did', () => {
    const here = createSessionStore({ own, shared });
    const elsewhere = createSessionStore({ own: createStorage(), shared });
    let told = 0;
    here.subscribe(() => (told += 1));

    elsewhere.open(ada, false);
    here.reread();
    here.reread();
    expect([here.get(), told]).toEqual([ada, 1]);

    elsewhere.end('signed-out');
    here.reread();
    expect([here.get(), here.absence(), told]).toEqual([null, 'signed-out', 2]);
  });

  it('says why there is none any more', () => {
    const store = createSessionStore({ own, shared });
    expect(store.absence()).toBe('none');
    store.open(ada, false);
    store.end('ended');
    expect(store.absence()).toBe('ended');
  });

  it.each(['', '{', 'null', '[]', '{"token":"x"}', '"nobody"'])('takes %j in the storage for none', (text) => {
    shared.setItem('drop-inventory.session', text);
    expect(createSessionStore({ own, shared }).get()).toBeNull();
  });
});

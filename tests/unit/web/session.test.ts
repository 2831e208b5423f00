import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSessionStore, type Session, type SessionStore } from '../../../web/src/services/session.js';

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

describe('a session that the server refuses', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('ends with its reason, in every tab', () => {
    const here = createSessionStore({ own, shared });
    const elsewhere = createSessionStore({ own: createStorage(), shared });
    here.open(ada, false);
    elsewhere.reread();
    here.refuse(ada.token, 'disabled');
    elsewhere.reread();
    expect([here.get(), here.signOutReason()]).toEqual([null, 'disabled']);
    expect([elsewhere.get(), elsewhere.signOutReason()]).toEqual([null, 'disabled']);
  });

  it('has no reason in a tab that signs in afterwards', () => {
    const here = createSessionStore({ own, shared });
    here.open(ada, false);
    here.refuse(ada.token, 'ended');
    here.open(bob, false);
    expect([here.get(), here.signOutReason()]).toEqual([bob, 'none']);
  });

  it('stays if another token was refused', () => {
    const here = createSessionStore({ own, shared });
    here.open(ada, false);
    here.refuse(bob.token, 'ended');
    expect(here.get()).toEqual(ada);
  });
});

describe('a request that changes the token', () => {
  const renewed = { ...ada, token: 'renewed' };
  let here: SessionStore;
  let elsewhere: SessionStore;

  beforeEach(() => {
    vi.useFakeTimers();
    here = createSessionStore({ own, shared });
    here.open(ada, false);
    elsewhere = createSessionStore({ own: createStorage(), shared });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Starts a request; the server refuses the old token in both tabs before it responds. */
  function startRefused(respond: () => void): { readonly finish: () => Promise<void> } {
    let resolve = () => undefined as void;
    const promise = new Promise<void>((done) => (resolve = done));
    const done = here.changeToken(async () => {
      await promise;
      respond();
    });
    for (const store of [here, elsewhere]) store.refuse(ada.token, 'ended');
    return {
      async finish() {
        resolve();
        await done.catch(() => undefined);
        elsewhere.reread();
      },
    };
  }

  it('keeps all tabs signed in with the new token', async () => {
    const request = startRefused(() => {
      here.replaceToken(renewed.token);
    });
    expect([here.get(), elsewhere.get()], 'the refusals wait').toEqual([ada, ada]);
    await request.finish();
    expect([here.get(), elsewhere.get()]).toEqual([renewed, renewed]);
    await vi.runAllTimersAsync();
    expect([here.get(), elsewhere.get(), createSessionStore({ own, shared }).get()]).toEqual([
      renewed,
      renewed,
      renewed,
    ]);
  });

  it('would sign out all tabs if the refusals did not wait', async () => {
    const { setItem } = shared;
    vi.spyOn(shared, 'setItem').mockImplementation((key, value) => {
      if (key !== 'drop-inventory.token-change') setItem(key, value);
    });
    const request = startRefused(() => {
      here.replaceToken(renewed.token);
    });
    await request.finish();
    expect([here.get(), elsewhere.get()]).toEqual([null, null]);
  });

  it('can end the session, with its own reason in every tab', async () => {
    await startRefused(() => {
      here.end('closed');
    }).finish();
    expect([here.signOutReason(), elsewhere.signOutReason()]).toEqual(['closed', 'closed']);
    expect([here.get(), elsewhere.get()]).toEqual([null, null]);
  });

  it('ends the session that was refused when it fails', async () => {
    await startRefused(() => {
      throw new Error('no answer');
    }).finish();
    expect([here.get(), elsewhere.get()]).toEqual([null, null]);
    expect([here.signOutReason(), elsewhere.signOutReason()]).toEqual(['ended', 'ended']);
  });

  it('leaves the session alone when it fails and nothing was refused', async () => {
    await expect(here.changeToken(() => Promise.reject(new Error('wrong password')))).rejects.toThrow('wrong password');
    elsewhere.reread();
    expect([here.get(), elsewhere.get()]).toEqual([ada, ada]);
    here.refuse(ada.token, 'ended');
    expect(here.get(), 'later refusals do not wait').toBeNull();
  });

  it('holds refusals back for a limited time, if its tab was closed', async () => {
    startRefused(() => undefined);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([elsewhere.get(), elsewhere.signOutReason()]).toEqual([null, 'ended']);
  });

  it('replaces the token where the session is: in this tab alone', async () => {
    const store = createSessionStore({ own, shared });
    store.open(bob, true);
    await store.changeToken(async () => {
      store.replaceToken('of bob');
    });
    expect(createSessionStore({ own, shared }).get()?.token).toBe('of bob');
    expect(createSessionStore({ own: createStorage(), shared }).get()).toEqual(ada);
  });
});

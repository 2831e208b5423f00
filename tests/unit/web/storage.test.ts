import { describe, expect, it } from 'vitest';
import { guardStorage } from '../../../web/src/storage.js';

function refuse(name: string): never {
  throw new DOMException('refused', name);
}

/** A storage that keeps `items`; `refused` names the methods that throw. */
function createStorage(items: Map<string, string>, refused: readonly string[] = []): Storage {
  const check = (method: string) => {
    if (refused.includes(method)) refuse('QuotaExceededError');
  };
  return {
    getItem(key: string) {
      check('getItem');
      return items.get(key) ?? null;
    },
    setItem(key: string, value: string) {
      check('setItem');
      items.set(key, value);
    },
    removeItem(key: string) {
      check('removeItem');
      items.delete(key);
    },
  } as Storage;
}

describe('guarded storage', () => {
  it('reads and writes the storage of the browser', () => {
    const items = new Map([['a', '1']]);
    const storage = guardStorage(() => createStorage(items));
    storage.setItem('b', '2');
    storage.removeItem('a');
    expect([...items]).toEqual([['b', '2']]);
    expect([storage.getItem('a'), storage.getItem('b')]).toEqual([null, '2']);
  });

  it('keeps values in memory where site data is blocked', () => {
    const storage = guardStorage(() => refuse('SecurityError'));
    expect(storage.getItem('a')).toBeNull();
    storage.setItem('a', '1');
    expect(storage.getItem('a')).toBe('1');
    storage.removeItem('a');
    expect(storage.getItem('a')).toBeNull();
  });

  it('keeps a value in memory that does not fit, and removes the older value', () => {
    const items = new Map([['a', 'old']]);
    const storage = guardStorage(() => createStorage(items, ['setItem']));
    storage.setItem('a', 'new');
    expect(storage.getItem('a')).toBe('new');
    expect(items.has('a')).toBe(false);
  });

  it('does not return an item that could not be removed', () => {
    const storage = guardStorage(() => createStorage(new Map([['a', '1']]), ['removeItem']));
    storage.removeItem('a');
    expect(storage.getItem('a')).toBeNull();
  });

  it('writes to the browser again when it is allowed', () => {
    const items = new Map<string, string>();
    let isBlocked = true;
    const storage = guardStorage(() => (isBlocked ? refuse('SecurityError') : createStorage(items)));
    storage.setItem('a', '1');
    isBlocked = false;
    storage.setItem('a', '2');
    expect(items.get('a')).toBe('2');
    items.set('a', 'by another window');
    expect(storage.getItem('a')).toBe('by another window');
  });
});

import { describe, expect, it } from 'vitest';
import { withKeptOrder } from '../../../web/src/drops/kept-order.js';
import type { Drop } from '../../../web/src/api/client.js';
import { DROP } from '../../helpers/drop.js';

const live: Partial<Drop> = { status: 'live', availability: 'available' };
const allHeld: Partial<Drop> = { status: 'sold_out', availability: 'all_held' };
const soldOut: Partial<Drop> = { status: 'sold_out', availability: 'sold_out' };
const drop = (id: string, state = live): Drop => ({ ...DROP, id, ...state });
const ids = (drops: readonly Drop[]) => drops.map(({ id }) => id).join('');

describe('the order of the shown drops', () => {
  it('stays while units are held and returned, with what is new of each drop', () => {
    const shown = [drop('a'), drop('b'), drop('c', allHeld)];
    const next = [drop('b'), drop('c'), drop('a', allHeld)];
    expect(ids(withKeptOrder(shown, next))).toBe('abc');
    expect(withKeptOrder(shown, next)[0]).toBe(next[2]);
  });

  it.each([
    ['a drop is sold out', [drop('b'), drop('a', soldOut)]],
    ['a drop is paused', [drop('b'), drop('a', { status: 'paused', availability: 'closed' })]],
    ['a drop takes the place of another', [drop('b'), drop('c')]],
    ['a drop is new', [drop('c'), drop('b'), drop('a')]],
    ['a drop is gone', [drop('b')]],
  ])('is that of the server when %s', (_what, next) => {
    expect(withKeptOrder([drop('a'), drop('b')], next)).toBe(next);
  });

  it('changes when a drop of the list opens', () => {
    const opening = drop('b', { status: 'scheduled', availability: 'closed' });
    expect(ids(withKeptOrder([drop('a'), opening], [drop('b'), drop('a')]))).toBe('ba');
  });
});

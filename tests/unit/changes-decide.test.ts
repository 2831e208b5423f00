import { describe, expect, it } from 'vitest';
import type { DropStatus } from '../../src/inventory/inventory.schema.js';
import { availabilityOf } from '../../src/inventory/inventory-snapshot.js';
import { decideAction, decideDetails } from '../../src/modules/drops/changes.decide.js';
import { AppError } from '../../src/lib/errors/index.js';

const STATUSES: readonly DropStatus[] = ['draft', 'scheduled', 'live', 'sold_out', 'paused', 'ended', 'cancelled'];
const NOW = new Date('2030-01-01T00:00:00Z');
const LATER = new Date('2030-01-01T00:00:01Z');

/** In the order of the statuses: w, it is written; -, nothing is left to do; x, it is refused. */
const DECISIONS = {
  publish: 'w-----x',
  pause: 'xwww-xx',
  resume: 'x---wxx',
  end: 'xxwww-x',
  cancel: 'xwwwww-',
} as const;

const letterOf = (decision: unknown) => (decision instanceof AppError ? 'x' : decision === 'write' ? 'w' : '-');

describe('an action', () => {
  it.for(Object.entries(DECISIONS) as [keyof typeof DECISIONS, string][])(
    '%s is decided by the status: %s',
    ([action, expected]) => {
      const decisions = STATUSES.map((status) => decideAction(action, { status, dropStartsAt: NOW, readAt: NOW }));
      expect(decisions.map(letterOf).join('')).toBe(expected);
      for (const [index, decision] of decisions.entries()) {
        if (decision instanceof AppError) expect(decision.members).toEqual({ state: STATUSES[index] });
      }
    },
  );

  it('cannot end a drop that was paused before its start', () => {
    const paused = { status: 'paused', dropStartsAt: LATER, readAt: NOW } as const;
    expect(decideAction('end', paused)).toMatchObject({
      message: 'This drop cannot be ended: it has not started yet',
      members: { state: 'paused' },
    });
  });
});

it('details of every drop but a cancelled one can be changed', () => {
  expect(STATUSES.map((status) => letterOf(decideDetails({ status }))).join('')).toBe('wwwwwwx');
  const change = { wanted: 'EUR', currency: 'USD', isFixed: true };
  expect(decideDetails({ status: 'live' }, change)).toMatchObject({
    code: 'currency-in-use',
    members: { currency: 'USD' },
  });
  expect(decideDetails({ status: 'live' }, { ...change, wanted: 'USD' })).toBe('write');
  expect(decideDetails({ status: 'live' }, { ...change, isFixed: false })).toBe('write');
  expect(decideDetails({ status: 'cancelled' }, change)).toMatchObject({ code: 'drop-state' });
});

describe('the availability', () => {
  it.for([
    ['available', 1, 0],
    ['available', 1, 1],
    ['all_held', 0, 1],
    ['sold_out', 0, 0],
  ] as const)('is %s with %i units available and %i reserved', ([availability, availableStock, reservedStock]) => {
    const stock = { availableStock, reservedStock };
    for (const status of STATUSES) {
      const isOpen = status === 'live' || status === 'sold_out';
      expect(availabilityOf({ status, ...stock })).toBe(isOpen ? availability : 'closed');
    }
  });
});

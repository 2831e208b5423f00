import { describe, expect, it } from 'vitest';
import { namesOrganiser, pauseHolds } from '../../src/commands/demo/organiser.js';
import type { LedgerEntry } from '../../src/modules/stock/stock.schema.js';

const ORGANISER = { id: '00000000-0000-4000-8000-000000000001' };
const actor = { ...ORGANISER, username: 'rush_organiser' };

const entry = (version: number, members: Partial<LedgerEntry>): LedgerEntry => ({
  version,
  cause: 'reserve',
  reserved: 0,
  purchased: 0,
  expired: 0,
  released: 0,
  added: 0,
  availableStock: 0,
  reservedStock: 0,
  soldStock: 0,
  totalStock: 50,
  actor: null,
  role: null,
  reason: null,
  changed: null,
  createdAt: '2030-01-01T00:00:00.000Z',
  ...members,
});

/** The ledger of a run in which every check succeeds. */
const LEDGER: readonly LedgerEntry[] = [
  entry(1, { cause: 'create', added: 50, actor }),
  entry(2, { reserved: 50 }),
  entry(3, { cause: 'adjust', added: 10, actor, reason: 'A second delivery' }),
  entry(4, { reserved: 10 }),
  entry(5, { cause: 'edit', actor, reason: 'Counting the boxes' }),
  entry(6, { cause: 'purchase', purchased: 20 }),
  entry(7, { cause: 'adjust', added: 10, actor, reason: 'Found in the storeroom' }),
  entry(8, { cause: 'edit', actor, reason: 'All boxes are counted' }),
  entry(9, { reserved: 10 }),
];
const PAUSE = { from: 5, to: 8 };

const replaced = (version: number, members: Partial<LedgerEntry>) =>
  LEDGER.map((each) => (each.version === version ? { ...each, ...members } : each));

describe('the check of the demo that', () => {
  it('no unit was reserved during the pause fails if one was', () => {
    expect(pauseHolds(LEDGER, PAUSE)).toBe(true);
    expect(pauseHolds(replaced(6, { reserved: 1 }), PAUSE)).toBe(false);
  });

  it.each([
    ['a change is missing', LEDGER.filter(({ version }) => version !== 7)],
    ['a change has another reason', replaced(5, { reason: 'Other' })],
    ['a change has no reason', replaced(8, { reason: null })],
    ['another number of units was added', replaced(3, { added: 9 })],
    ['a change names another account', replaced(5, { actor: { ...actor, id: 'other' } })],
    ['a change has no name', replaced(5, { actor: { ...actor, username: null } })],
  ])('the ledger names the organiser fails if %s', (_what, ledger) => {
    expect(namesOrganiser(LEDGER, ORGANISER)).toBe(true);
    expect(namesOrganiser(ledger, ORGANISER)).toBe(false);
  });
});

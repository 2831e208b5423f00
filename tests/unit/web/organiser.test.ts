import { describe, expect, it } from 'vitest';
import { refusalsInWords } from '../../../web/src/api/refusal-words.js';
import { whatChanged, whoChanged, type LedgerEntry } from '../../../web/src/organiser/ledger-words.js';
import { hrefOf, readSelection } from '../../../web/src/organiser/selection.js';
import { inShort } from '../../../web/src/ui/times.js';

const ENTRY: LedgerEntry = {
  version: 2,
  cause: 'edit',
  reserved: 0,
  purchased: 0,
  expired: 0,
  released: 0,
  added: 0,
  availableStock: 10,
  reservedStock: 0,
  soldStock: 0,
  totalStock: 10,
  actor: null,
  role: null,
  reason: null,
  changed: null,
  createdAt: '2026-12-01T12:00:00.000Z',
};

describe('the words of the history', () => {
  it.each<[string, Partial<LedgerEntry>]>([
    ['Created with 10 units', { cause: 'create' }],
    ['Created with 1 unit', { cause: 'create', totalStock: 1 }],
    ['1,250 put on sale', { cause: 'adjust', added: 1_250 }],
    ['5 taken off sale', { cause: 'adjust', added: -5 }],
    ['2 reserved, 1 expired', { cause: 'reserve', reserved: 2, expired: 1 }],
    ['3 sold, 1 released', { cause: 'purchase', purchased: 3, released: 1 }],
    ['Changed', { cause: null, reserved: null, expired: null, released: null }],
    ['Published', { changed: { published_at: '2026-12-01T12:00:00+00:00' } }],
    ['Paused', { changed: { paused_at: '2026-12-01T12:00:00+00:00' } }],
    ['Resumed', { changed: { paused_at: null } }],
    ['Cancelled', { changed: { cancelled_at: '2026-12-01T12:00:00+00:00' } }],
    ['Ended', { changed: { drop_ends_at: '2026-12-01T11:59:59.9+00:00' } }],
    ['No end', { changed: { drop_ends_at: null } }],
    ['Name “Kite”, Price €12.50', { changed: { name: 'Kite', price: '12.50' } }],
    ['Currency EUR', { changed: { currency: 'EUR' } }],
    ['New description', { changed: { description: 'Red and tall.' } }],
    ['No description', { changed: { description: null } }],
    ['No picture', { changed: { image_url: null } }],
    ['Limit 2 per customer', { changed: { limit_per_user: '2' } }],
    ['1 minute 30 seconds to buy', { changed: { hold_seconds: '90' } }],
    ['subtitle empty', { changed: { subtitle: null } }],
  ])('%s', (words, change) => {
    expect(whatChanged({ ...ENTRY, ...change }, 'EUR')).toBe(words);
  });

  it.each<[string, Partial<LedgerEntry>]>([
    ['ada', { actor: { id: '1', username: 'ada' } }],
    ['Deleted account', { actor: { id: '1', username: null } }],
    ['postgres, in the database', { role: 'postgres' }],
    ['Customers', { cause: 'purchase' }],
    ['Time ran out', { cause: 'expire' }],
    ['Unknown', { cause: null }],
  ])('a change was made by: %s', (words, change) => {
    expect(whoChanged({ ...ENTRY, ...change })).toBe(words);
  });
});

describe('refusals', () => {
  it('are in the words of the page, the most frequent first, and unknown codes are readable', () => {
    expect(refusalsInWords({ 'drop-paused': 1, 'sold-out': 5, 'new-rule': 1, 'drop-ended': 0 })).toEqual([
      { reason: 'Sold out', units: 5 },
      { reason: 'new rule', units: 1 },
      { reason: 'Paused', units: 1 },
    ]);
  });
});

describe('the URL of the lists', () => {
  it.each([
    '/admin/drops/1',
    '/admin/drops/1?status=all&q=ada&page=2',
    '/admin/drops/1?status=expired',
    '/admin/drops/1?list=buyers&q=a%26b',
    '/admin/drops/1?list=history&page=3',
  ])('contains the whole selection: %s', (href) => {
    expect(hrefOf('1', readSelection(new URL(href, 'http://shop').searchParams))).toBe(href);
  });

  it('is read without invalid values, and shows the active reservations first', () => {
    expect(readSelection(new URLSearchParams('list=other&page=-1&q=+'))).toEqual({ list: 'holds', status: 'active' });
    expect(readSelection(new URLSearchParams('list=history&q=ada&status=expired'))).toEqual({ list: 'history' });
  });
});

it.each([
  [0, '0 s'],
  [12_449, '12.4 s'],
  [90_000, '1:30 min'],
  [3_600_000, '1:00:00 h'],
])('%i ms in short are %s', (ms, words) => {
  expect(inShort(ms)).toBe(words);
});

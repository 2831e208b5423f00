import type { components } from '../api/contract.js';
import { count, date, money } from '../ui/formats.js';
import { inWords } from '../ui/times.js';

export type LedgerEntry = components['schemas']['LedgerEntry'];

/** What a change of a drop did, in words: `2 reserved, 1 expired`. */
export function whatChanged(entry: LedgerEntry): string {
  const { cause, reserved, purchased, expired, released, added, totalStock, changed } = entry;
  if (cause === 'create') return `Created with ${count(totalStock)} ${totalStock === 1 ? 'unit' : 'units'}`;
  const parts = [
    added > 0 && `${count(added)} put on sale`,
    added < 0 && `${count(-added)} taken off sale`,
    purchased > 0 && `${count(purchased)} sold`,
    reserved && `${count(reserved)} reserved`,
    expired && `${count(expired)} expired`,
    released && `${count(released)} released`,
    ...Object.entries(changed ?? {}).map(([column, value]) => detail(column, value, entry.createdAt)),
  ];
  const words = parts.filter((part) => typeof part === 'string').join(', ');
  return words === '' ? 'Changed' : words;
}

/** Who made a change. */
export function whoChanged({ actor, role, cause }: LedgerEntry): string {
  if (actor) return actor.username ?? 'Deleted account';
  if (role !== null) return `${role}, in the database`;
  if (cause === 'expire') return 'Time ran out';
  return cause === 'create' || cause === 'adjust' || cause === 'edit' || cause === null ? 'Unknown' : 'Customers';
}

/** A changed column of the drop with its new value. */
function detail(column: string, value: string | null, changedAt: string): string {
  switch (column) {
    case 'published_at':
      return 'Published';
    case 'paused_at':
      return value === null ? 'Resumed' : 'Paused';
    case 'cancelled_at':
      return 'Cancelled';
    case 'drop_ends_at':
      if (value === null) return 'No end';
      return Date.parse(value) <= Date.parse(changedAt) ? 'Ended' : `Ends ${date(value)}`;
    case 'drop_starts_at':
      return value === null ? 'Opens' : `Opens ${date(value)}`;
    case 'price':
      return `Price ${money(value ?? '0')}`;
    case 'name':
      return `Name “${value ?? ''}”`;
    case 'image_url':
      return value === null ? 'No picture' : 'New picture';
    case 'limit_per_user':
      return value === null ? 'No limit per customer' : `Limit ${count(Number(value))} per customer`;
    case 'hold_seconds':
      return value === null ? 'Default time in the cart' : `${inWords(Number(value) * 1_000)} in the cart`;
    default:
      return `${column} ${value ?? 'empty'}`;
  }
}

import type { components } from '../api/contract.js';
import { texts } from '../texts/texts.js';
import { count, date, money } from '../ui/formats.js';
import { inWords } from '../ui/times.js';

export type LedgerEntry = components['schemas']['LedgerEntry'];

const words = texts.organiser.history;

/**
 * What a change of a drop did, in words: `2 reserved, 1 expired`.
 *
 * @param currency of the drop: a code of ISO 4217.
 */
export function whatChanged(entry: LedgerEntry, currency: string): string {
  const { cause, reserved, purchased, expired, released, added, totalStock, changed } = entry;
  if (cause === 'create') return words.createdWith(texts.common.units(totalStock, count(totalStock)));
  const parts = [
    added > 0 && words.added(count(added)),
    added < 0 && words.removed(count(-added)),
    purchased > 0 && words.sold(count(purchased)),
    reserved && words.reserved(count(reserved)),
    expired && words.expired(count(expired)),
    released && words.released(count(released)),
    ...Object.entries(changed ?? {}).map(([column, value]) =>
      detail(column, value, { changedAt: entry.createdAt, currency }),
    ),
  ];
  const made = parts.filter((part) => typeof part === 'string');
  return made.length === 0 ? words.changed : words.changes(made);
}

/** Who made a change. */
export function whoChanged({ actor, role, cause }: LedgerEntry): string {
  if (actor) return actor.username ?? words.by.deletedAccount;
  if (role !== null) return words.by.databaseRole(role);
  if (cause === 'expire') return words.by.expiry;
  return cause === 'create' || cause === 'adjust' || cause === 'edit' || cause === null
    ? words.by.unknown
    : words.by.customers;
}

/** A changed column of the drop with its new value. */
function detail(
  column: string,
  value: string | null,
  { changedAt, currency }: { readonly changedAt: string; readonly currency: string },
): string {
  switch (column) {
    case 'published_at':
      return words.published;
    case 'paused_at':
      return value === null ? words.resumed : words.paused;
    case 'cancelled_at':
      return words.cancelled;
    case 'drop_ends_at':
      if (value === null) return words.endRemoved;
      return Date.parse(value) <= Date.parse(changedAt) ? words.ended : words.ends(date(value));
    case 'drop_starts_at':
      return words.opens(date(value ?? changedAt));
    case 'price':
      return words.price(money(value ?? '0', currency));
    case 'currency':
      return words.currency(value ?? '');
    case 'description':
      return value === null ? words.noDescription : words.newDescription;
    case 'name':
      return words.name(value ?? '');
    case 'image_url':
      return value === null ? words.noPicture : words.newPicture;
    case 'limit_per_user':
      return value === null ? words.noLimit : words.limit(count(Number(value)));
    case 'hold_seconds':
      return value === null ? words.defaultHoldTime : words.holdTime(inWords(Number(value) * 1_000));
    default:
      return words.other(column, value ?? words.empty);
  }
}

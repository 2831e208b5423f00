import type { DropStatus } from '../api/client.js';
import { readPage } from '../ui/page-number.js';

/** Drafts are not listed. */
type ListedStatus = Exclude<DropStatus, 'draft'>;

/** The drops that the list shows, as its URL says. */
export interface Selection {
  readonly status?: ListedStatus;
  /** A part of the name. */
  readonly q?: string;
  readonly page?: number;
}

/** In the order of the filters. */
export const STATUSES = [
  'live',
  'scheduled',
  'sold_out',
  'paused',
  'ended',
  'cancelled',
] as const satisfies ListedStatus[];

/** Reads the selection from a URL. Invalid values are ignored. */
export function readSelection(search: URLSearchParams): Selection {
  const status = STATUSES.find((known) => known === search.get('status'));
  const q = search.get('q')?.trim();
  const page = readPage(search);
  return {
    ...(status && { status }),
    ...(q && { q }),
    ...(page > 1 && { page }),
  };
}

/** The URL of a selection. */
export function hrefOf({ status, q, page }: Selection): string {
  const search = new URLSearchParams({
    ...(status && { status }),
    ...(q && { q }),
    ...(page !== undefined && page > 1 && { page: String(page) }),
  });
  return search.size > 0 ? `/?${search.toString()}` : '/';
}

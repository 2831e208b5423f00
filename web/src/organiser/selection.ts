import type { Reservation } from '../api/client.js';
import { readPage } from '../ui/page-number.js';

export const LISTS = ['holds', 'buyers', 'history'] as const;
export type List = (typeof LISTS)[number];

export const HOLD_STATUSES = ['active', 'completed', 'expired', 'released'] as const satisfies Reservation['status'][];

/** The list that the page shows below the figures, as its URL says. */
export interface Selection {
  readonly list: List;
  /** Of holds; left out: all. */
  readonly status?: Reservation['status'];
  /** A part of the name or the e-mail of a user. */
  readonly q?: string;
  readonly page?: number;
}

/** Reads the selection from a URL. Invalid values are ignored. */
export function readSelection(search: URLSearchParams): Selection {
  const list = LISTS.find((known) => known === search.get('list')) ?? LISTS[0];
  const status = HOLD_STATUSES.find((known) => known === (search.get('status') ?? 'active'));
  const q = search.get('q')?.trim();
  const page = readPage(search);
  return {
    list,
    ...(list === 'holds' && status && { status }),
    ...(list !== 'history' && q && { q }),
    ...(page > 1 && { page }),
  };
}

/** The URL of a selection on the page of a drop. */
export function hrefOf(dropId: string, { list, status, q, page }: Selection): string {
  const search = new URLSearchParams({
    ...(list !== LISTS[0] && { list }),
    ...(list === 'holds' && status !== 'active' && { status: status ?? 'all' }),
    ...(q && { q }),
    ...(page !== undefined && page > 1 && { page: String(page) }),
  });
  const path = `/admin/drops/${dropId}`;
  return search.size > 0 ? `${path}?${search.toString()}` : path;
}

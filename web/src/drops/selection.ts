import type { DropStatus } from '../api/client.js';
import { readPage } from '../ui/page-number.js';

/** Which drops the list shows, as its address says. */
export interface Selection {
  readonly status?: DropStatus;
  /** A part of the name. */
  readonly q?: string;
  readonly page?: number;
}

/** In the order they are offered in. */
export const STATUSES = [
  'live',
  'scheduled',
  'sold_out',
  'paused',
  'ended',
  'cancelled',
] as const satisfies DropStatus[];

/** What an address asks for; whatever makes no sense there is left out. */
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

/** The address of a selection. */
export function hrefOf({ status, q, page }: Selection): string {
  const search = new URLSearchParams({
    ...(status && { status }),
    ...(q && { q }),
    ...(page !== undefined && page > 1 && { page: String(page) }),
  });
  return search.size > 0 ? `/?${search.toString()}` : '/';
}

import type { DropStatus } from '../api/client.js';
import type { EveryDropQuery } from '../api/queries.js';
import * as selections from '../ui/selection.js';

type Sort = NonNullable<EveryDropQuery['sort']>;

/** The drops that the list shows, and their order, as its URL says. */
export interface AdminSelection extends selections.Selection {
  readonly sort: Sort;
}

/** In the order of the filters. */
export const STATUSES = [
  'draft',
  'scheduled',
  'live',
  'paused',
  'sold_out',
  'ended',
  'cancelled',
] as const satisfies DropStatus[];

const DEFAULT_SORT = 'newest';

export const SORTS = ['newest', 'name', 'start', 'available', 'sold'] as const satisfies Sort[];

/** Reads the selection from a URL. Invalid values are ignored. */
export function readSelection(search: URLSearchParams): AdminSelection {
  const sort = SORTS.find((known) => known === search.get('sort')) ?? DEFAULT_SORT;
  return { ...selections.readSelection(search, STATUSES), sort };
}

/** The URL of a selection. */
export function hrefOf({ sort, ...selection }: AdminSelection): string {
  return selections.selectionHref('/admin', selection, sort === DEFAULT_SORT ? {} : { sort });
}

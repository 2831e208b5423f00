import type { DropStatus } from '../api/client.js';
import * as selections from '../ui/selection.js';

/** Drafts are not listed. */
type ListedStatus = Exclude<DropStatus, 'draft'>;

/** In the order of the filters. */
export const STATUSES = [
  'live',
  'scheduled',
  'sold_out',
  'paused',
  'ended',
  'cancelled',
] as const satisfies ListedStatus[];

/** The drops that the list shows, as its URL says. Invalid values are ignored. */
export const readSelection = (search: URLSearchParams) => selections.readSelection(search, STATUSES);

/** The URL of a selection. */
export const hrefOf = (selection: selections.Selection<ListedStatus>) => selections.selectionHref('/', selection);

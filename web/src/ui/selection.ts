import type { DropStatus } from '../api/client.js';
import { readPage } from './page-number.js';

/** The drops that a list shows, as its URL says. */
export interface Selection<Status extends DropStatus = DropStatus> {
  readonly status?: Status;
  /** A part of the name. */
  readonly q?: string;
  readonly page?: number;
}

/** Reads a selection from a URL. Invalid values are ignored. */
export function readSelection<Status extends DropStatus>(
  search: URLSearchParams,
  statuses: readonly Status[],
): Selection<Status> {
  const status = statuses.find((known) => known === search.get('status'));
  const q = search.get('q')?.trim();
  const page = readPage(search);
  return {
    ...(status && { status }),
    ...(q && { q }),
    ...(page > 1 && { page }),
  };
}

/** The URL of a selection. `more`: further parameters. */
export function selectionHref(path: string, { status, q, page }: Selection, more: Record<string, string> = {}): string {
  const search = new URLSearchParams({
    ...(status && { status }),
    ...(q && { q }),
    ...more,
    ...(page !== undefined && page > 1 && { page: String(page) }),
  });
  return search.size > 0 ? `${path}?${search.toString()}` : path;
}

/** Whether the list may leave out drops. */
export function hasFilter({ status, q }: Selection): boolean {
  return status !== undefined || q !== undefined;
}

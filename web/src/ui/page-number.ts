import { useEffect } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import type { PageMeta } from '../api/client.js';

/** The highest page number that the API accepts. */
const MAX_PAGE = 1_000_000;

/** The page number of a URL, from 1. Anything else than a page number means the first page. */
export function readPage(search: URLSearchParams): number {
  const page = Number(search.get('page') ?? 1);
  return page >= 1 ? Math.min(Math.trunc(page), MAX_PAGE) : 1;
}

/**
 * Replaces the URL if its page does not exist: beyond the last page by the last one, otherwise by the first.
 * Returns whether the page exists.
 *
 * @param meta Of the answer for this page; undefined while there is none.
 * @param hrefOf The URL of a page.
 */
export function useExistingPage(meta: PageMeta | undefined, hrefOf: (page: number) => string): boolean {
  const [search] = useSearchParams();
  const [, navigate] = useLocation();
  const requested = readPage(search);
  const page = meta ? Math.min(requested, Math.max(1, meta.totalPages)) : requested;
  const written = search.get('page');
  const isExact = written === null || written === String(page);
  const href = hrefOf(page);
  useEffect(() => {
    if (!isExact) navigate(href, { replace: true });
  }, [isExact, href, navigate]);
  return page === requested;
}

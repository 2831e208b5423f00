import { useEffect } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import type { PageMeta } from '../api/client.js';

/** The highest that the API accepts. */
const MAX_PAGE = 1_000_000;

/** The page that an address asks for, from 1. What is no page number means the first one. */
export function readPage(search: URLSearchParams): number {
  const page = Number(search.get('page') ?? 1);
  return page >= 1 ? Math.min(Math.trunc(page), MAX_PAGE) : 1;
}

/**
 * Replaces the address if its page does not exist: beyond the last page by the last one, anything else by the first.
 * Returns whether the page exists.
 *
 * @param meta Of the answer for this page; undefined as long as there is none.
 * @param hrefOf The address of a page.
 */
export function useExistingPage(meta: PageMeta | undefined, hrefOf: (page: number) => string): boolean {
  const [search] = useSearchParams();
  const [, navigate] = useLocation();
  const asked = readPage(search);
  const page = meta ? Math.min(asked, Math.max(1, meta.totalPages)) : asked;
  const written = search.get('page');
  const isRight = written === null || written === String(page);
  const href = hrefOf(page);
  useEffect(() => {
    if (!isRight) navigate(href, { replace: true });
  }, [isRight, href, navigate]);
  return page === asked;
}

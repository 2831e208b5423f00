import { Link } from 'wouter';
import type { PageMeta } from '../api/client.js';
import { texts } from '../texts/texts.js';
import { count } from './formats.js';
import styles from './pager.module.css';

interface PagerProps {
  readonly meta: PageMeta;
  /** The URL of a page, from 1. */
  readonly hrefOf: (page: number) => string;
}

/** Links to the previous and the next page; nothing if there is only one page. */
export function Pager({ meta: { currentPage, totalPages }, hrefOf }: PagerProps) {
  const words = texts.ui.pager;
  if (totalPages <= 1) return null;
  return (
    <nav className={styles.pager} aria-label={words.label}>
      {currentPage > 1 ? (
        <Link href={hrefOf(currentPage - 1)} className={styles.step}>
          <Arrow d="M13 4 7 10l6 6" />
          {words.previous}
        </Link>
      ) : (
        <span />
      )}
      <p>{words.position(count(currentPage), count(totalPages))}</p>
      {currentPage < totalPages ? (
        <Link href={hrefOf(currentPage + 1)} className={styles.step}>
          {words.next}
          <Arrow d="m7 4 6 6-6 6" />
        </Link>
      ) : (
        <span />
      )}
    </nav>
  );
}

/** An arrow in the direction of reading, or against it. */
function Arrow({ d }: { readonly d: string }) {
  return (
    <svg viewBox="0 0 20 20" className={styles.arrow} aria-hidden="true">
      <path d={d} fill="none" stroke="currentColor" strokeWidth="2.5" />
    </svg>
  );
}

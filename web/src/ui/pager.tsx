import { Link } from 'wouter';
import type { PageMeta } from '../api/client.js';
import styles from './pager.module.css';

interface PagerProps {
  readonly meta: PageMeta;
  /** The URL of a page, from 1. */
  readonly hrefOf: (page: number) => string;
}

/** Links to the previous and the next page; nothing if there is only one page. */
export function Pager({ meta: { currentPage, totalPages }, hrefOf }: PagerProps) {
  if (totalPages <= 1) return null;
  return (
    <nav className={styles.pager} aria-label="Pages">
      {currentPage > 1 ? (
        <Link href={hrefOf(currentPage - 1)} className={styles.step}>
          ← Previous
        </Link>
      ) : (
        <span />
      )}
      <p>{`Page ${currentPage} of ${totalPages}`}</p>
      {currentPage < totalPages ? (
        <Link href={hrefOf(currentPage + 1)} className={styles.step}>
          Next →
        </Link>
      ) : (
        <span />
      )}
    </nav>
  );
}

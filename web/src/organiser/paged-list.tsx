import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { PageMeta } from '../api/client.js';
import { NotLoaded } from '../page/not-loaded.js';
import { texts } from '../texts/texts.js';
import { classNames } from '../ui/class-names.js';
import { useExistingPage } from '../ui/page-number.js';
import { Pager } from '../ui/pager.js';
import styles from './paged-list.module.css';

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly meta: PageMeta;
}

interface PagedListProps<Row> {
  readonly label: string;
  readonly query: UseQueryResult<Page<Row>>;
  /** The URL of a page, from 1. */
  readonly hrefOf: (page: number) => string;
  /** The connection is lost: the rows are the last known ones. */
  readonly isOld: boolean;
  /** Shown instead of an empty list. */
  readonly empty: ReactNode;
  /** A row as an item of the list, with its key. */
  readonly children: (row: Row) => ReactNode;
}

/** A page of a list with links to the others, or why there is none. */
export function PagedList<Row>({ label, query, hrefOf, isOld, empty, children }: PagedListProps<Row>) {
  const { data, error, isPlaceholderData, refetch } = query;
  const isThere = useExistingPage(isPlaceholderData ? undefined : data?.meta, hrefOf);
  if (!data || (data.rows.length === 0 && (isPlaceholderData || !isThere))) {
    return <NotLoaded error={data ? null : error} onRetry={() => void refetch()} className={styles.waiting} />;
  }
  return (
    <div>
      {(isOld || error) && <p className={styles.old}>{texts.common.lastKnown}</p>}
      {data.rows.length === 0 ? (
        <p className={styles.empty}>{empty}</p>
      ) : (
        <ul className={classNames(styles.list, (isOld || isPlaceholderData) && styles.faded)} aria-label={label}>
          {data.rows.map(children)}
        </ul>
      )}
      <Pager meta={data.meta} hrefOf={hrefOf} />
    </div>
  );
}

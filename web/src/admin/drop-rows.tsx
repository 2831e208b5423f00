import { useQuery } from '@tanstack/react-query';
import { memo } from 'react';
import { Link, useSearchParams } from 'wouter';
import type { Drop } from '../api/client.js';
import { explain } from '../api/explain.js';
import { everyDropQuery } from '../api/queries.js';
import { useDrop, useFollow } from '../services/use-live.js';
import { useServices } from '../services/services.js';
import { Button } from '../ui/button.js';
import { classNames } from '../ui/class-names.js';
import { count, moment, money } from '../ui/formats.js';
import { Skeleton } from '../ui/loading.js';
import { Message } from '../ui/message.js';
import { readPage, useExistingPage } from '../ui/page-number.js';
import { Pager } from '../ui/pager.js';
import { StatusTag } from '../ui/status-tag.js';
import { StockBar } from '../ui/stock-bar.js';
import styles from './drop-rows.module.css';

/** All drops, drafts as well, the newest first, with their current stock. */
export function DropRows({ created }: { readonly created: string | null }) {
  const { api } = useServices();
  const [search] = useSearchParams();
  const page = readPage(search);
  const { data, error, isPlaceholderData, refetch } = useQuery(everyDropQuery(api, page));
  const isThere = useExistingPage(isPlaceholderData ? undefined : data?.meta, hrefOf);
  useFollow(data?.drops.map(({ id }) => id) ?? []);
  const isLoading = !data || (data.drops.length === 0 && (isPlaceholderData || !isThere || error !== null));
  if (isLoading) {
    return error ? (
      <Message title={explain(error).title} action={<Button onClick={() => void refetch()}>Try again</Button>}>
        {explain(error).text}
      </Message>
    ) : (
      <div role="status">
        <span className="visually-hidden">Loading</span>
        <Skeleton className={styles.waiting} />
      </div>
    );
  }
  if (data.meta.totalItems === 0) return <Message title="No drops yet">A new drop appears here at once.</Message>;
  return (
    <>
      <div className={styles.frame}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">Drop</th>
              <th scope="col">State</th>
              <th scope="col" className={styles.number}>
                Left
              </th>
              <th scope="col" className={styles.number}>
                On hold
              </th>
              <th scope="col" className={styles.number}>
                Sold
              </th>
              <th scope="col">Opens, ends</th>
            </tr>
          </thead>
          <tbody>
            {data.drops.map((drop) => (
              <DropRow key={drop.id} fetched={drop} isNew={drop.id === created} />
            ))}
          </tbody>
        </table>
      </div>
      <Pager meta={data.meta} hrefOf={hrefOf} />
    </>
  );
}

const hrefOf = (page: number) => (page === 1 ? '/admin' : `/admin?page=${page}`);

interface DropRowProps {
  readonly fetched: Drop;
  /** It was created on this page a moment ago. */
  readonly isNew: boolean;
}

const DropRow = memo(function DropRow({ fetched, isNew }: DropRowProps) {
  const { drop, freshness } = useDrop(fetched);
  const isOld = freshness === 'old';
  return (
    <tr className={classNames(isOld && styles.old, isNew && styles.fresh)}>
      <th scope="row">
        <div className={styles.drop}>
          <p dir="auto">
            <Link href={`/drops/${drop.id}`} className={styles.name} title={drop.name}>
              {drop.name}
            </Link>
          </p>
          <span className={styles.details}>{priceAndLimit(drop)}</span>
          <StockBar drop={drop} isStill={isOld} />
        </div>
      </th>
      <td data-label="State">
        <StatusTag status={drop.status} isOld={isOld} />
      </td>
      <td className={styles.number} data-label="Left">
        <span>{count(drop.availableStock)}</span>
      </td>
      <td className={styles.number} data-label="On hold">
        <span>{count(drop.reservedStock)}</span>
      </td>
      <td className={styles.number} data-label="Sold">
        <span>{count(drop.soldStock)}</span> <span className={styles.details}>{`of ${count(drop.totalStock)}`}</span>
      </td>
      <td className={styles.times} data-label="Opens, ends">
        <span>{moment(drop.dropStartsAt)}</span>
        <span className={styles.details}>{drop.dropEndsAt ? moment(drop.dropEndsAt) : 'no end'}</span>
      </td>
    </tr>
  );
});

function priceAndLimit({ price, limitPerUser }: Drop): string {
  return limitPerUser === null ? money(price) : `${money(price)}, limit ${count(limitPerUser)} per customer`;
}

import { useQuery } from '@tanstack/react-query';
import { memo } from 'react';
import { Link, useLocation, useSearchParams } from 'wouter';
import type { Drop } from '../api/client.js';
import { everyDropQuery } from '../api/queries.js';
import { NotLoaded } from '../page/not-loaded.js';
import { useDrop, useFollow } from '../services/use-live.js';
import { useServices } from '../services/services.js';
import { texts } from '../texts/texts.js';
import { ButtonLink } from '../ui/button.js';
import { classNames } from '../ui/class-names.js';
import { Filters } from '../ui/filters.js';
import { count, moment, money } from '../ui/formats.js';
import { Message } from '../ui/message.js';
import { useExistingPage } from '../ui/page-number.js';
import { Pager } from '../ui/pager.js';
import { hasFilter } from '../ui/selection.js';
import { StatusTag } from '../ui/status-tag.js';
import { StockBar } from '../ui/stock-bar.js';
import { useStableList } from '../ui/use-stable-list.js';
import styles from './drop-list.module.css';
import { hrefOf, readSelection, SORTS, STATUSES, type AdminSelection } from './selection.js';

const { columns } = texts.admin;
const NONE: readonly never[] = [];
const PAGE_SIZE = 20;

/** All drops, drafts as well, with their current stock: those that the URL selects. */
export function DropList() {
  const { api } = useServices();
  const [search] = useSearchParams();
  const selection = readSelection(search);
  const { data, error, isPlaceholderData, refetch } = useQuery(
    everyDropQuery(api, { ...selection, pageSize: PAGE_SIZE }),
  );
  const isThere = useExistingPage(isPlaceholderData ? undefined : data?.meta, (page) => hrefOf({ ...selection, page }));
  const isLoading = !data || (data.drops.length === 0 && (isPlaceholderData || !isThere || error !== null));
  // Rows do not move under the pointer.
  const { drops, list, onPointer } = useStableList<HTMLTableSectionElement>(
    data ? `${hrefOf(selection)} ${isPlaceholderData}` : '',
    data?.drops ?? NONE,
  );
  useFollow(drops.map(({ id }) => id));
  return (
    <>
      <Filters
        statuses={STATUSES}
        selection={selection}
        hrefOf={(changed) => hrefOf({ ...changed, sort: selection.sort })}
        found={isPlaceholderData ? undefined : data?.meta.totalItems}
      >
        <SortField selection={selection} />
      </Filters>
      {!isLoading ? (
        <>
          {drops.length === 0 && data.meta.totalItems === 0 && <NoDrops selection={selection} />}
          {drops.length > 0 && (
            <div className={styles.frame}>
              <table className={styles.table}>
                <thead>
                  <tr>
                    <th scope="col">{columns.drop}</th>
                    <th scope="col">{columns.state}</th>
                    <th scope="col" className={styles.number}>
                      {columns.left}
                    </th>
                    <th scope="col" className={styles.number}>
                      {columns.onHold}
                    </th>
                    <th scope="col" className={styles.number}>
                      {columns.sold}
                    </th>
                    <th scope="col">{columns.times}</th>
                  </tr>
                </thead>
                <tbody ref={list} onPointerMove={onPointer} onPointerDown={onPointer}>
                  {drops.map((drop) => (
                    <DropRow key={drop.id} fetched={drop} />
                  ))}
                </tbody>
              </table>
            </div>
          )}
          <Pager meta={data.meta} hrefOf={(page) => hrefOf({ ...selection, page })} />
        </>
      ) : (
        <NotLoaded error={error} onRetry={() => void refetch()} className={styles.waiting} />
      )}
    </>
  );
}

function SortField({ selection }: { readonly selection: AdminSelection }) {
  const [, navigate] = useLocation();
  const { page: _page, ...first } = selection;
  return (
    <label className={styles.sort}>
      {texts.admin.sortBy}
      <select
        value={selection.sort}
        onChange={({ target }) => {
          const sort = SORTS.find((known) => known === target.value) ?? selection.sort;
          navigate(hrefOf({ ...first, sort }), { replace: true });
        }}
      >
        {SORTS.map((sort) => (
          <option key={sort} value={sort}>
            {texts.admin.sorts[sort]}
          </option>
        ))}
      </select>
    </label>
  );
}

function NoDrops({ selection }: { readonly selection: AdminSelection }) {
  return hasFilter(selection) ? (
    <Message
      title={texts.admin.noDropsFound}
      action={<ButtonLink href="/admin">{texts.admin.showAllDrops}</ButtonLink>}
    >
      {texts.admin.noDropsFoundHint}
    </Message>
  ) : (
    <Message title={texts.admin.noDrops} action={<ButtonLink href="/admin/new">{texts.admin.newDrop}</ButtonLink>}>
      {texts.admin.noDropsHint}
    </Message>
  );
}

const DropRow = memo(function DropRow({ fetched }: { readonly fetched: Drop }) {
  const { drop, freshness } = useDrop(fetched);
  const isOld = freshness === 'old';
  return (
    <tr data-drop={drop.id} className={classNames(styles.row, isOld && styles.old)}>
      <th scope="row">
        <div className={styles.drop}>
          <p dir="auto">
            <Link href={`/admin/drops/${drop.id}`} className={styles.name} title={drop.name}>
              {drop.name}
            </Link>
          </p>
          <span className={styles.details}>{priceAndLimit(drop)}</span>
          <StockBar drop={drop} isStill={isOld} />
        </div>
      </th>
      <td className={styles.state}>
        <StatusTag status={drop.status} isOld={isOld} />
      </td>
      <td className={styles.number} data-label={columns.left}>
        <span>{count(drop.availableStock)}</span>
      </td>
      <td className={styles.number} data-label={columns.onHold}>
        <span>{count(drop.reservedStock)}</span>
      </td>
      <td className={styles.number} data-label={columns.sold}>
        <span>{count(drop.soldStock)}</span>{' '}
        <span className={styles.details}>{texts.admin.ofTotal(count(drop.totalStock))}</span>
      </td>
      <td className={styles.times}>
        <span>{moment(drop.dropStartsAt)}</span>{' '}
        <span className={styles.details}>{drop.dropEndsAt ? moment(drop.dropEndsAt) : texts.admin.noEnd}</span>
      </td>
    </tr>
  );
});

function priceAndLimit({ price, currency, limitPerUser }: Drop): string {
  return limitPerUser === null
    ? money(price, currency)
    : texts.admin.priceAndLimit(money(price, currency), count(limitPerUser));
}

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearchParams } from 'wouter';
import type { Drop } from '../api/client.js';
import { dropsQuery } from '../api/queries.js';
import { useFollow } from '../services/use-live.js';
import { useServices } from '../services/services.js';
import { Page } from '../page/page.js';
import { Button, ButtonLink } from '../ui/button.js';
import { Message } from '../ui/message.js';
import { useExistingPage } from '../ui/page-number.js';
import { Pager } from '../ui/pager.js';
import { explain } from '../api/explain.js';
import { texts } from '../texts/texts.js';
import { timeToBuy } from '../ticket/time-to-buy.js';
import { TicketSkeleton } from '../ticket/ticket.js';
import { DropCard } from './drop-card.js';
import styles from './drop-list-page.module.css';
import { withKeptOrder } from './kept-order.js';
import { Filters } from '../ui/filters.js';
import { hasFilter } from '../ui/selection.js';
import { useStableList } from '../ui/use-stable-list.js';
import { hrefOf, readSelection, STATUSES } from './selection.js';

const TEXTS = texts.drops.list;
const NONE: readonly never[] = [];
const PAGE_SIZE = 30;
/** Cards on the first screen: their pictures are loaded first. */
const FIRST_SCREEN_CARDS = 4;

export function DropListPage() {
  const { api } = useServices();
  const [search] = useSearchParams();
  const selection = readSelection(search);
  const query = useQuery(dropsQuery(api, { ...selection, sort: 'storefront', pageSize: PAGE_SIZE }));
  const { data, error, isPlaceholderData } = query;
  const isThere = useExistingPage(isPlaceholderData ? undefined : data?.meta, (page) => hrefOf({ ...selection, page }));
  // The empty list of a page that is loading, does not exist or could not be fetched again is not shown as a result.
  const isLoading = !data || (data.drops.length === 0 && (isPlaceholderData || !isThere || error !== null));
  // While another selection loads, the previous one stays.
  const shown = data ? `${hrefOf(selection)} ${isPlaceholderData}` : '';
  const { drops, list, onPointer } = useStableList<HTMLUListElement>(shown, useKeptOrder(shown, data?.drops ?? NONE));
  useFollow(drops.map(({ id }) => id));
  const nothing = hasFilter(selection) ? TEXTS.noneFound : TEXTS.noneYet;
  return (
    <Page title={TEXTS.title} aside={<p className={styles.lead}>{TEXTS.lead(commonTimeToBuy(drops))}</p>}>
      <Filters
        statuses={STATUSES}
        selection={selection}
        hrefOf={hrefOf}
        found={isPlaceholderData ? undefined : data?.meta.totalItems}
      />
      {!isLoading ? (
        <>
          {drops.length === 0 && data.meta.totalItems === 0 && (
            <Message
              title={nothing.title}
              action={hasFilter(selection) && <ButtonLink href="/">{TEXTS.showAll}</ButtonLink>}
            >
              {nothing.text}
            </Message>
          )}
          <ul
            ref={list}
            className={styles.grid}
            aria-busy={isPlaceholderData}
            aria-label={TEXTS.title}
            onPointerMove={onPointer}
            onPointerDown={onPointer}
          >
            {drops.map((drop, index) => (
              <li key={drop.id} data-drop={drop.id}>
                <DropCard fetched={drop} isFirst={index < FIRST_SCREEN_CARDS} />
              </li>
            ))}
          </ul>
          <Pager meta={data.meta} hrefOf={(page) => hrefOf({ ...selection, page })} />
        </>
      ) : error ? (
        <Message
          title={explain(error).title}
          action={<Button onClick={() => void query.refetch()}>{texts.common.tryAgain}</Button>}
        >
          {TEXTS.failed}
        </Message>
      ) : (
        <ul className={styles.grid} aria-label={TEXTS.loading} aria-busy="true">
          {Array.from({ length: 8 }, (_, index) => (
            <li key={index}>
              <TicketSkeleton />
            </li>
          ))}
        </ul>
      )}
    </Page>
  );
}

/** The drops in the places that they have, as long as only units were held and returned: see {@link withKeptOrder}. */
function useKeptOrder(selection: string, drops: readonly Drop[]): readonly Drop[] {
  const [placed, setPlaced] = useState({ selection, drops });
  const ordered = placed.selection === selection ? withKeptOrder(placed.drops, drops) : drops;
  if (ordered === drops && placed.drops !== drops) setPlaced({ selection, drops });
  return ordered;
}

/** The time to buy that all drops have in common, in words; null: there is none. */
function commonTimeToBuy(drops: readonly Drop[]): string | null {
  const [first, ...others] = new Set(drops.map(({ holdSeconds }) => holdSeconds));
  return first === undefined || others.length > 0 ? null : timeToBuy(first);
}

import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'wouter';
import { dropsQuery } from '../api/queries.js';
import { useFollow } from '../services/use-live.js';
import { useServices } from '../services/services.js';
import { Page } from '../page/page.js';
import { Button, ButtonLink } from '../ui/button.js';
import { Message } from '../ui/message.js';
import { useExistingPage } from '../ui/page-number.js';
import { Pager } from '../ui/pager.js';
import { explain } from '../api/explain.js';
import { TicketSkeleton } from '../ticket/ticket.js';
import { DropCard } from './drop-card.js';
import styles from './drop-list-page.module.css';
import { Filters } from '../ui/filters.js';
import { hasFilter } from '../ui/selection.js';
import { useStableList } from '../ui/use-stable-list.js';
import { hrefOf, readSelection, STATUSES } from './selection.js';

const NONE: readonly never[] = [];
const PAGE_SIZE = 30;
/** Cards on the first screen: their pictures are loaded first. */
const FIRST_SCREEN_CARDS = 4;

export function DropListPage() {
  const { api } = useServices();
  const [search] = useSearchParams();
  const selection = readSelection(search);
  const query = useQuery(dropsQuery(api, { ...selection, pageSize: PAGE_SIZE }));
  const { data, error, isPlaceholderData } = query;
  const isThere = useExistingPage(isPlaceholderData ? undefined : data?.meta, (page) => hrefOf({ ...selection, page }));
  // The empty list of a page that is loading, does not exist or could not be fetched again is not shown as a result.
  const isLoading = !data || (data.drops.length === 0 && (isPlaceholderData || !isThere || error !== null));
  // While another selection loads, the previous one stays.
  const { drops, list, onPointer } = useStableList<HTMLUListElement>(
    data ? `${hrefOf(selection)} ${isPlaceholderData}` : '',
    data?.drops ?? NONE,
  );
  useFollow(drops.map(({ id }) => id));
  return (
    <Page title="Drops" aside={<p className={styles.lead}>Reserve one, and buy it before its time runs out.</p>}>
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
              title={hasFilter(selection) ? 'No drops found' : 'No drops yet'}
              action={hasFilter(selection) && <ButtonLink href="/">Show all drops</ButtonLink>}
            >
              {hasFilter(selection) ? 'Try another name or state.' : 'A new drop appears here at once.'}
            </Message>
          )}
          <ul
            ref={list}
            className={styles.grid}
            aria-busy={isPlaceholderData}
            aria-label="Drops"
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
        <Message title={explain(error).title} action={<Button onClick={() => void query.refetch()}>Try again</Button>}>
          The drops could not be loaded.
        </Message>
      ) : (
        <ul className={styles.grid} aria-label="Loading the drops" aria-busy="true">
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

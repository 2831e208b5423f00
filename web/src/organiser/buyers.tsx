import { useQuery } from '@tanstack/react-query';
import { bodyOf, type Drop } from '../api/client.js';
import { useServices } from '../services/services.js';
import { texts } from '../texts/texts.js';
import { exactMoment, money } from '../ui/formats.js';
import { Customer } from './customer.js';
import { CSV, ExportButton } from './export-button.js';
import { ListSearch } from './list-search.js';
import styles from './lists.module.css';
import { buyersQuery } from './organiser-queries.js';
import { PagedList } from './paged-list.js';
import { hrefOf, type Selection } from './selection.js';

const words = texts.organiser.buyers;
const listWords = texts.organiser.lists;

interface BuyersProps {
  readonly drop: Drop;
  readonly isOld: boolean;
  readonly selection: Selection;
}

/** The purchases of a drop, the newest first. */
export function Buyers({ drop, isOld, selection }: BuyersProps) {
  const { api } = useServices();
  const { id } = drop;
  const { q } = selection;
  return (
    <>
      <div className={styles.tools}>
        <ListSearch dropId={id} selection={selection} />
        <ExportButton
          label={listWords.exportBuyers}
          fileName={listWords.buyersFile(drop.name)}
          download={async () => {
            const params = { path: { id }, query: { ...(q && { q }) } };
            return bodyOf(await api.GET('/api/admin/drops/{id}/purchases', { params, ...CSV }));
          }}
        />
      </div>
      <PagedList
        label={listWords.buyers}
        query={useQuery(buyersQuery(api, id, selection))}
        hrefOf={(page) => hrefOf(id, { ...selection, page })}
        isOld={isOld}
        empty={q ? words.notFound : words.none}
      >
        {({ id: purchaseId, user, price, currency, createdAt }) => (
          <li key={purchaseId} className={styles.row}>
            <Customer user={user} />
            <p className={styles.side}>
              <span className={styles.what}>{money(price, currency)}</span>
              <time dateTime={createdAt} className={styles.note}>
                {exactMoment(createdAt)}
              </time>
            </p>
          </li>
        )}
      </PagedList>
    </>
  );
}

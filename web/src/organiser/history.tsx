import { useQuery } from '@tanstack/react-query';
import { bodyOf, type Drop } from '../api/client.js';
import { useServices } from '../services/services.js';
import { texts } from '../texts/texts.js';
import { count, exactMoment } from '../ui/formats.js';
import { CSV, ExportButton } from './export-button.js';
import { whatChanged, whoChanged, type LedgerEntry } from './ledger-words.js';
import styles from './lists.module.css';
import { ledgerQuery } from './organiser-queries.js';
import { PagedList } from './paged-list.js';
import { hrefOf } from './selection.js';

const words = texts.organiser.history;
const listWords = texts.organiser.lists;

interface HistoryProps {
  readonly drop: Drop;
  readonly isOld: boolean;
  readonly page: number;
}

/** Every change of a drop: what, why and by whom, the newest first. */
export function History({ drop, isOld, page }: HistoryProps) {
  const { api, live } = useServices();
  const { id } = drop;
  const newest = () => Math.max(drop.version, live.snapshot(id)?.version ?? 0);
  return (
    <>
      <div className={styles.tools}>
        <ExportButton
          label={listWords.exportHistory}
          fileName={listWords.historyFile(drop.name)}
          download={async () =>
            bodyOf(await api.GET('/api/admin/drops/{id}/ledger', { params: { path: { id } }, ...CSV }))
          }
        />
      </div>
      <PagedList
        label={listWords.history}
        query={useQuery(ledgerQuery(api, id, page, newest))}
        hrefOf={(each) => hrefOf(id, { list: 'history', page: each })}
        isOld={isOld}
        empty={words.none}
      >
        {(entry) => (
          <li key={entry.version} className={styles.row}>
            <Change entry={entry} currency={drop.currency} />
          </li>
        )}
      </PagedList>
    </>
  );
}

function Change({ entry, currency }: { readonly entry: LedgerEntry; readonly currency: string }) {
  const { availableStock, reservedStock, soldStock, reason, createdAt } = entry;
  return (
    <>
      <div className={styles.main}>
        <p className={styles.what} dir="auto">
          {whatChanged(entry, currency)}
        </p>
        {reason !== null && (
          <p className={styles.reason} dir="auto">
            {words.reason(reason)}
          </p>
        )}
        <p className={styles.note}>{words.stock(count(availableStock), count(reservedStock), count(soldStock))}</p>
      </div>
      <p className={styles.side}>
        <bdi>{whoChanged(entry)}</bdi>
        <time dateTime={createdAt} className={styles.note}>
          {exactMoment(createdAt)}
        </time>
      </p>
    </>
  );
}

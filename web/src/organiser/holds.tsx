import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { bodyOf, type Drop } from '../api/client.js';
import { useServerNow } from '../services/use-live.js';
import { useServices } from '../services/services.js';
import { texts } from '../texts/texts.js';
import { Button } from '../ui/button.js';
import { exactMoment } from '../ui/formats.js';
import { LinkPills } from '../ui/link-pills.js';
import { countdown } from '../ui/times.js';
import { Customer } from './customer.js';
import { CSV, ExportButton } from './export-button.js';
import { ListSearch } from './list-search.js';
import styles from './lists.module.css';
import { holdersQuery, type HeldReservation } from './organiser-queries.js';
import { PagedList } from './paged-list.js';
import { ReleaseDialog } from './release-dialog.js';
import { HOLD_STATUSES, hrefOf, type Selection } from './selection.js';

const words = texts.organiser.holds;
const listWords = texts.organiser.lists;

interface HoldsProps {
  readonly drop: Drop;
  readonly isOld: boolean;
  readonly selection: Selection;
}

/** The reservations of a drop, the newest first, with the button that releases an active one. */
export function Holds({ drop, isOld, selection }: HoldsProps) {
  const { api } = useServices();
  const [releasing, setReleasing] = useState<HeldReservation | null>(null);
  const { id } = drop;
  const { status, q } = selection;
  const query = useQuery(holdersQuery(api, id, selection));
  return (
    <>
      <div className={styles.tools}>
        <LinkPills
          label={words.filter}
          links={[undefined, ...HOLD_STATUSES].map((each) => ({
            href: hrefOf(id, { list: 'holds', ...(each && { status: each }), ...(q && { q }) }),
            label: words[each ?? 'all'],
            isCurrent: each === status,
          }))}
        />
        <ListSearch dropId={id} selection={selection} />
        <ExportButton
          label={listWords.exportHolds}
          fileName={listWords.holdsFile(drop.name)}
          download={async () => {
            const params = { path: { id }, query: { ...(status && { status }), ...(q && { q }) } };
            return bodyOf(await api.GET('/api/admin/drops/{id}/reservations', { params, ...CSV }));
          }}
        />
      </div>
      <PagedList
        label={listWords.holds}
        query={query}
        hrefOf={(page) => hrefOf(id, { ...selection, page })}
        isOld={isOld}
        empty={q ? words.notFound : words.none[status ?? 'all']}
      >
        {(hold) => (
          <li key={hold.id} className={styles.row}>
            <Customer user={hold.user} />
            <HoldState hold={hold} onRelease={setReleasing} />
          </li>
        )}
      </PagedList>
      {releasing && (
        <ReleaseDialog
          hold={releasing}
          onClose={() => {
            setReleasing(null);
          }}
        />
      )}
    </>
  );
}

interface HoldStateProps {
  readonly hold: HeldReservation;
  readonly onRelease: (hold: HeldReservation) => void;
}

function HoldState({ hold, onRelease }: HoldStateProps) {
  const { status, createdAt, settledAt, user } = hold;
  const time = settledAt ?? createdAt;
  if (status === 'active') {
    return (
      <div className={styles.active}>
        <TimeLeft until={hold.expiresAt} />
        <Button
          look="quiet"
          aria-label={words.releaseOf(user.username)}
          onClick={() => {
            onRelease(hold);
          }}
        >
          {words.release}
        </Button>
      </div>
    );
  }
  return (
    <p className={styles.side}>
      <span>{words[status]}</span>
      <time dateTime={time} className={styles.note}>
        {exactMoment(time)}
      </time>
    </p>
  );
}

/** The time that is left, by the server's clock. */
function TimeLeft({ until }: { readonly until: string }) {
  const left = Date.parse(until) - useServerNow();
  return (
    <span className={styles.left} role="timer" aria-live="off">
      {countdown(left)}
    </span>
  );
}

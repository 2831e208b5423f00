import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { bodyOf, type Drop } from '../api/client.js';
import { useServerNow } from '../services/use-live.js';
import { useServices } from '../services/services.js';
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

const STATUS_WORDS: Readonly<Record<HeldReservation['status'], string>> = {
  active: 'On hold',
  completed: 'Bought',
  expired: 'Expired',
  released: 'Released',
};

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
          label="Filter by state"
          links={[undefined, ...HOLD_STATUSES].map((each) => ({
            href: hrefOf(id, { list: 'holds', ...(each && { status: each }), ...(q && { q }) }),
            label: each ? STATUS_WORDS[each] : 'All',
            isCurrent: each === status,
          }))}
        />
        <ListSearch dropId={id} selection={selection} />
        <ExportButton
          label="Export CSV: reservations"
          fileName={`${drop.name} reservations.csv`}
          download={async () => {
            const params = { path: { id }, query: { ...(status && { status }), ...(q && { q }) } };
            return bodyOf(await api.GET('/api/admin/drops/{id}/reservations', { params, ...CSV }));
          }}
        />
      </div>
      <PagedList
        label="Reservations"
        query={query}
        hrefOf={(page) => hrefOf(id, { ...selection, page })}
        isOld={isOld}
        empty={q ? 'No customer found. Try another name or state.' : EMPTY[status ?? 'all']}
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

const EMPTY: Readonly<Record<HeldReservation['status'] | 'all', string>> = {
  all: 'No reservations yet.',
  active: 'No unit is on hold now.',
  completed: 'No reservation was bought yet.',
  expired: 'No reservation has expired.',
  released: 'No reservation was released.',
};

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
          aria-label={`Release the reservation of ${user.username}`}
          onClick={() => {
            onRelease(hold);
          }}
        >
          Release
        </Button>
      </div>
    );
  }
  return (
    <p className={styles.side}>
      <span>{STATUS_WORDS[status]}</span>
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

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useState } from 'react';
import type { Reservation } from '../api/client.js';
import { explainCode } from '../api/explain.js';
import { dropQuery, keys } from '../api/queries.js';
import { useServices } from '../services/services.js';
import { buyKey, useRemoveHold } from './use-hold-actions.js';
import { useHolds } from './use-holds.js';
import type { FeedEvents } from '../../../src/client/index.js';

type ReleaseReason = Parameters<FeedEvents['reservation_update']>[0]['reason'];

/** Screen readers announce once that this much time is left. */
const LAST_CALL_MS = 15_000;
/** The largest error of the page's estimate of the server's clock: earlier, the server might still return the reservation. */
const REFETCH_DELAY_MS = 2_000;

/** What the shop has done. A reservation that was released for another reason is reported like one that expired. */
const RELEASED_BY_SHOP = {
  'drop-cancelled': {
    title: 'The drop was cancelled',
    text: 'The shop has cancelled it, and your reservation with it.',
  },
  'released-by-admin': {
    title: 'Your reservation was cancelled',
    text: 'The shop has cancelled your reservation.',
  },
};

/** Watches the user's active reservations on every page, and announces when one is about to expire and when it has expired. */
export function HoldWatch() {
  const { holds } = useHolds();
  return holds.map((hold) => <WatchedHold key={hold.id} hold={hold} />);
}

function WatchedHold({ hold }: { readonly hold: Reservation }) {
  const { api, feed, live, notices } = useServices();
  const queries = useQueryClient();
  const removeHold = useRemoveHold();
  const { data: drop } = useQuery(dropQuery(api, hold.dropId));
  const [lastCall, setLastCall] = useState('');

  const announceLastCall = useEffectEvent(() => {
    setLastCall(`${drop?.name ?? 'Your reservation'}: ${LAST_CALL_MS / 1_000} seconds left to buy`);
  });
  const end = useEffectEvent((reason?: ReleaseReason) => {
    // A pending purchase may still be in time: the server decides.
    if (queries.isMutating({ mutationKey: buyKey(hold.id) }) > 0 || !removeHold(hold)) return;
    const byShop = reason === 'drop-cancelled' || reason === 'released-by-admin' ? RELEASED_BY_SHOP[reason] : null;
    const { title, text } = byShop ?? explainCode('reservation-expired');
    const name = drop?.name;
    notices.show({
      tone: 'plain',
      topic: hold.dropId,
      title: name ? `${title}: ${name}` : title,
      text,
      link: { href: `/drops/${hold.dropId}`, label: byShop ? 'See the drop' : 'Try again' },
    });
    setTimeout(() => void queries.invalidateQueries({ queryKey: keys.reservations(hold.userId) }), REFETCH_DELAY_MS);
  });

  const { id, expiresAt } = hold;
  useEffect(() => {
    const left = Date.parse(expiresAt) - live.serverNow();
    const timers = [
      setTimeout(
        () => {
          end();
        },
        Math.max(0, left),
      ),
    ];
    if (left > LAST_CALL_MS)
      timers.push(
        setTimeout(() => {
          announceLastCall();
        }, left - LAST_CALL_MS),
      );
    const unlisten = feed.on('reservation_update', ({ reservationId, reason }) => {
      if (reservationId === id) end(reason);
    });
    return () => {
      timers.forEach(clearTimeout);
      unlisten();
    };
  }, [feed, live, id, expiresAt]);

  return (
    <p className="visually-hidden" role="status">
      {lastCall}
    </p>
  );
}

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useState } from 'react';
import type { Reservation } from '../api/client.js';
import { explainCode } from '../api/explain.js';
import { dropQuery, keys } from '../api/queries.js';
import { useServices } from '../services/services.js';
import { buyKey, useForgetHold } from './use-hold-actions.js';
import { useHolds } from './use-holds.js';

/** ms before the end of a hold at which it is said aloud, once. */
const LAST_CALL = 15_000;
/** ms. The server's clock is known this well at the worst; asked earlier, it might still tell of a hold that is over. */
const GRACE = 2_000;

/** Watches every hold of who is signed in, whatever page is shown, and tells when one is about to end and when it did. */
export function HoldWatch() {
  const { holds } = useHolds();
  return holds.map((hold) => <WatchedHold key={hold.id} hold={hold} />);
}

function WatchedHold({ hold }: { readonly hold: Reservation }) {
  const { api, feed, live, notices } = useServices();
  const queries = useQueryClient();
  const forget = useForgetHold();
  const { data: drop } = useQuery(dropQuery(api, hold.dropId));
  const [lastCall, setLastCall] = useState('');

  const sayLastCall = useEffectEvent(() => {
    setLastCall(`${drop?.name ?? 'Your hold'}: ${LAST_CALL / 1_000} seconds left to buy`);
  });
  const end = useEffectEvent(() => {
    // A purchase that is under way may still be in time: the server decides, and its answer says.
    if (queries.isMutating({ mutationKey: buyKey(hold.id) }) > 0 || !forget(hold)) return;
    const { title, text } = explainCode('reservation-expired');
    const name = drop?.name;
    notices.say({
      tone: 'plain',
      topic: hold.dropId,
      title: name ? `${title}: ${name}` : title,
      text,
      link: { href: `/drops/${hold.dropId}`, label: 'Try again' },
    });
    setTimeout(() => void queries.invalidateQueries({ queryKey: keys.reservations(hold.userId) }), GRACE);
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
    if (left > LAST_CALL)
      timers.push(
        setTimeout(() => {
          sayLastCall();
        }, left - LAST_CALL),
      );
    const unlisten = feed.on('reservation_update', ({ reservationId }) => {
      if (reservationId === id) end();
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

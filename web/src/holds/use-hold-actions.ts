import { useQueryClient } from '@tanstack/react-query';
import type { RefObject } from 'react';
import { answerOf, type Drop, type Reservation } from '../api/client.js';
import { explain, explainCode, explainUncertain } from '../api/explain.js';
import { isProblemOf, mayPass } from '../api/problem.js';
import { keys } from '../api/queries.js';
import { useSubmit } from '../api/use-submit.js';
import { useServices } from '../services/services.js';
import { inWords } from '../ui/times.js';
import { remaining } from './use-holds.js';

/** The key that a purchase is known by while it is under way. */
export const buyKey = (reservationId: string) => ['buy', reservationId] as const;

/** Takes a hold out of what is shown. Says whether it was there. */
export function useForgetHold() {
  const queries = useQueryClient();
  return (hold: Pick<Reservation, 'id' | 'userId'>): boolean => {
    const key = keys.reservations(hold.userId);
    const known = queries.getQueryData<Reservation[]>(key) ?? [];
    if (!known.some(({ id }) => id === hold.id)) return false;
    queries.setQueryData<Reservation[]>(key, (holds) => holds?.filter(({ id }) => id !== hold.id));
    return true;
  };
}

/** Reserves a unit of the drop. What comes of it is told as a notice. */
export function useReserve(drop: Pick<Drop, 'id' | 'name'>) {
  const { api, live, notices, session } = useServices();
  const queries = useQueryClient();

  return useSubmit({
    isIdempotent: true,
    async send(_, key) {
      const header = { 'idempotency-key': key };
      return answerOf(await api.POST('/api/reservations', { params: { header }, body: { dropId: drop.id } })).data;
    },
    onSuccess({ reservation }) {
      if (reservation.status !== 'active') {
        // An answer that was lost, told again after the hold's time.
        notices.say({ tone: 'bad', topic: drop.id, ...explainCode('reservation-expired') });
        return;
      }
      const { left } = remaining(reservation, live.serverNow());
      queries.setQueryData<Reservation[]>(keys.reservations(reservation.userId), (holds = []) => [
        reservation,
        ...holds.filter(({ id }) => id !== reservation.id),
      ]);
      notices.say({
        tone: 'good',
        topic: drop.id,
        title: `${drop.name} is held for you`,
        text: `You have ${inWords(left)} to buy it.`,
      });
    },
    onError(error, isUncertain) {
      if (isProblemOf(error, 'unauthenticated')) return;
      notices.say({ tone: 'bad', topic: drop.id, ...(isUncertain ? explainUncertain('reserve') : explain(error)) });
      if (isProblemOf(error, 'drop-not-found')) {
        void queries.invalidateQueries({ queryKey: keys.drop(drop.id) });
        void queries.invalidateQueries({ queryKey: keys.allDrops });
      }
      const userId = session.get()?.user.id;
      if (userId && (isProblemOf(error, 'already-reserved') || mayPass(error))) {
        void queries.invalidateQueries({ queryKey: keys.reservations(userId) });
      }
    },
  });
}

/** Buys what is held. `lockRef` is shared with {@link useRelease}: only one of them is under way. */
export function useBuy(hold: Reservation, name: string, lockRef: RefObject<boolean>) {
  const { api, notices } = useServices();
  const queries = useQueryClient();
  const forget = useForgetHold();

  return useSubmit({
    isIdempotent: true,
    lockRef,
    mutationKey: buyKey(hold.id),
    async send() {
      // A hold is bought once: its id makes the key, the same in every window.
      const header = { 'idempotency-key': `buy-${hold.id}` };
      const body = { reservationId: hold.id };
      return answerOf(await api.POST('/api/purchases', { params: { header }, body })).data;
    },
    onSuccess() {
      forget(hold);
      notices.say({
        tone: 'good',
        topic: hold.dropId,
        title: `${name} is yours`,
        text: 'It is among your purchases.',
        link: { href: '/purchases', label: 'My purchases' },
      });
      void queries.invalidateQueries({ queryKey: keys.purchases(hold.userId) });
    },
    onError: useSettledElsewhere(hold, 'buy'),
  });
}

/** Lets go of what is held: it is on sale again at once. */
export function useRelease(hold: Reservation, name: string, lockRef: RefObject<boolean>) {
  const { api, notices } = useServices();
  const forget = useForgetHold();

  return useSubmit({
    isIdempotent: true,
    lockRef,
    send: async () => answerOf(await api.DELETE('/api/reservations/{id}', { params: { path: { id: hold.id } } })),
    onSuccess() {
      forget(hold);
      notices.say({ tone: 'plain', topic: hold.dropId, title: `You let go of ${name}` });
    },
    onError: useSettledElsewhere(hold, 'release'),
  });
}

/** What could not be done with a hold is told, and a hold that is over is shown no more. */
function useSettledElsewhere(hold: Reservation, action: 'buy' | 'release') {
  const { notices } = useServices();
  const queries = useQueryClient();
  const forget = useForgetHold();
  return (error: Error, isUncertain: boolean) => {
    if (isProblemOf(error, 'unauthenticated')) return;
    notices.say({ tone: 'bad', topic: hold.dropId, ...(isUncertain ? explainUncertain(action) : explain(error)) });
    if (isUncertain || mayPass(error) || isProblemOf(error, 'rate-limited')) {
      void queries.invalidateQueries({ queryKey: keys.reservations(hold.userId) });
    } else {
      forget(hold);
    }
    void queries.invalidateQueries({ queryKey: keys.purchases(hold.userId) });
  };
}

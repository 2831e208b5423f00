import { useQueryClient } from '@tanstack/react-query';
import type { RefObject } from 'react';
import { bodyOf, type Drop, type Reservation } from '../api/client.js';
import { explain, explainCode, explainUncertain } from '../api/explain.js';
import { isProblemOf, isTransient } from '../api/problem.js';
import { keys } from '../api/queries.js';
import { useSubmit } from '../api/use-submit.js';
import { useServices } from '../services/services.js';
import { inWords } from '../ui/times.js';
import { remaining } from './use-holds.js';

/** The mutation key of a pending purchase. */
export const buyKey = (reservationId: string) => ['buy', reservationId] as const;

/** Removes a hold from the cache. Returns whether it was there. */
export function useRemoveHold() {
  const queries = useQueryClient();
  return (hold: Pick<Reservation, 'id' | 'userId'>): boolean => {
    const key = keys.reservations(hold.userId);
    const known = queries.getQueryData<Reservation[]>(key) ?? [];
    if (!known.some(({ id }) => id === hold.id)) return false;
    queries.setQueryData<Reservation[]>(key, (holds) => holds?.filter(({ id }) => id !== hold.id));
    return true;
  };
}

/**
 * Reserves a unit of the drop. A notice shows the result.
 *
 * @param explainRefusal The words for a failure.
 */
export function useReserve(drop: Pick<Drop, 'id' | 'name'>, explainRefusal = explain) {
  const { api, live, notices, session } = useServices();
  const queries = useQueryClient();

  return useSubmit({
    isIdempotent: true,
    async send(_, key) {
      const header = { 'idempotency-key': key };
      return bodyOf(await api.POST('/api/reservations', { params: { header }, body: { dropId: drop.id } })).data;
    },
    onSuccess({ reservation }) {
      if (reservation.status !== 'active') {
        // The repeat of a request whose answer was lost, after the reservation has expired.
        notices.show({ tone: 'bad', topic: drop.id, ...explainCode('reservation-expired') });
        return;
      }
      const { left } = remaining(reservation, live.serverNow());
      queries.setQueryData<Reservation[]>(keys.reservations(reservation.userId), (holds = []) => [
        reservation,
        ...holds.filter(({ id }) => id !== reservation.id),
      ]);
      notices.show({
        tone: 'good',
        topic: drop.id,
        title: `${drop.name} is in your cart`,
        text: `You have ${inWords(left)} to buy it.`,
      });
    },
    onError(error, isUncertain) {
      if (isProblemOf(error, 'unauthenticated')) return;
      notices.show({
        tone: 'bad',
        topic: drop.id,
        ...(isUncertain ? explainUncertain('reserve') : explainRefusal(error)),
      });
      if (isProblemOf(error, 'drop-not-found')) {
        void queries.invalidateQueries({ queryKey: keys.drop(drop.id) });
        void queries.invalidateQueries({ queryKey: keys.allDrops });
      }
      const userId = session.get()?.user.id;
      if (userId && (isProblemOf(error, 'already-reserved') || isTransient(error))) {
        void queries.invalidateQueries({ queryKey: keys.reservations(userId) });
      }
    },
  });
}

/** Purchases a reserved unit. `lockRef` is shared with {@link useRelease}: one request at a time. */
export function useBuy(hold: Reservation, name: string, lockRef: RefObject<boolean>) {
  const { api, notices } = useServices();
  const queries = useQueryClient();
  const removeHold = useRemoveHold();

  return useSubmit({
    isIdempotent: true,
    lockRef,
    mutationKey: buyKey(hold.id),
    async send() {
      // A reservation is purchased once: its id makes the key, the same in every window.
      const header = { 'idempotency-key': `buy-${hold.id}` };
      const body = { reservationId: hold.id };
      return bodyOf(await api.POST('/api/purchases', { params: { header }, body })).data;
    },
    onSuccess() {
      removeHold(hold);
      notices.show({
        tone: 'good',
        topic: hold.dropId,
        title: `You bought ${name}`,
        text: 'It is in your order history.',
        link: { href: '/purchases', label: 'Order history' },
      });
      void queries.invalidateQueries({ queryKey: keys.purchases(hold.userId) });
    },
    onError: useActionFailure(hold, 'buy'),
  });
}

/** Cancels a reservation: the unit is on sale again at once. */
export function useRelease(hold: Reservation, name: string, lockRef: RefObject<boolean>) {
  const { api, notices } = useServices();
  const removeHold = useRemoveHold();

  return useSubmit({
    isIdempotent: true,
    lockRef,
    send: async () => bodyOf(await api.DELETE('/api/reservations/{id}', { params: { path: { id: hold.id } } })),
    onSuccess() {
      removeHold(hold);
      notices.show({ tone: 'plain', topic: hold.dropId, title: `Reservation cancelled: ${name}` });
    },
    onError: useActionFailure(hold, 'release'),
  });
}

/** Shows why an action on a reservation failed, and removes the reservation if it has ended. */
function useActionFailure(hold: Reservation, action: 'buy' | 'release') {
  const { notices } = useServices();
  const queries = useQueryClient();
  const removeHold = useRemoveHold();
  return (error: Error, isUncertain: boolean) => {
    if (isProblemOf(error, 'unauthenticated')) return;
    notices.show({ tone: 'bad', topic: hold.dropId, ...(isUncertain ? explainUncertain(action) : explain(error)) });
    if (isUncertain || isTransient(error) || isProblemOf(error, 'rate-limited')) {
      void queries.invalidateQueries({ queryKey: keys.reservations(hold.userId) });
    } else {
      removeHold(hold);
    }
    void queries.invalidateQueries({ queryKey: keys.purchases(hold.userId) });
  };
}

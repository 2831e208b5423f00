import { useQueryClient } from '@tanstack/react-query';
import type { RefObject } from 'react';
import { bodyOf, type Drop, type Reservation } from '../api/client.js';
import { explain, explainCode, explainUncertain } from '../api/explain.js';
import { isProblemOf, isTransient } from '../api/problem.js';
import { keys, type Owned } from '../api/queries.js';
import { useSubmit } from '../api/use-submit.js';
import { useServices } from '../services/services.js';
import { texts } from '../texts/texts.js';
import { useHoldRecords } from './hold-records.js';

/** The mutation key of a pending purchase. */
export const buyKey = (reservationId: string) => ['buy', reservationId] as const;

/** Removes a hold from the cache, as one whose end is known. Returns whether it was there. */
export function useRemoveHold() {
  const queries = useQueryClient();
  const records = useHoldRecords();
  return (hold: Pick<Reservation, 'id' | 'userId'>): boolean => {
    records.settled.add(hold.id);
    const key = keys.reservations(hold.userId);
    const known = queries.getQueryData<Reservation[]>(key) ?? [];
    if (!known.some(({ id }) => id === hold.id)) return false;
    queries.setQueryData<Reservation[]>(key, (holds) => holds?.filter(({ id }) => id !== hold.id));
    return true;
  };
}

/**
 * Reserves a unit of the drop. A notice shows why that failed.
 *
 * @param explainRefusal The words for a failure.
 */
export function useReserve(drop: Pick<Drop, 'id' | 'name'>, explainRefusal = explain) {
  const { api, notices, reserveIntent, session } = useServices();
  const queries = useQueryClient();
  const records = useHoldRecords();

  return useSubmit({
    isIdempotent: true,
    async send(_, key) {
      reserveIntent.send(drop);
      const header = { 'idempotency-key': key };
      return bodyOf(await api.POST('/api/reservations', { params: { header }, body: { dropId: drop.id } })).data;
    },
    onSuccess({ reservation }) {
      reserveIntent.clear();
      if (reservation.status !== 'active') {
        // The repeat of a request whose answer was lost, after the reservation has expired.
        notices.show({ tone: 'bad', topic: drop.id, ...explainCode('reservation-expired') });
        return;
      }
      records.made.add(reservation.id);
      queries.setQueryData<Reservation[]>(keys.reservations(reservation.userId), (holds = []) => [
        reservation,
        ...holds.filter(({ id }) => id !== reservation.id),
      ]);
    },
    onError(error, isUncertain) {
      reserveIntent.clear();
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
      if (isProblemOf(error, 'cool-down') && error.problem.retryAt) {
        records.coolDowns.set(drop.id, error.problem.retryAt);
      }
      // Bought in another window.
      if (userId && isProblemOf(error, 'limit-reached')) {
        void queries.invalidateQueries({ queryKey: keys.purchases(userId) });
      }
    },
  });
}

/** Purchases a reserved unit, and shows the success. `lockRef` is shared with {@link useRelease}: one request at a time. */
export function useBuy(
  hold: Reservation,
  { name, currency }: Pick<Drop, 'name' | 'currency'>,
  lockRef: RefObject<boolean>,
) {
  const { api } = useServices();
  const queries = useQueryClient();
  const records = useHoldRecords();
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
    onSuccess({ id, dropId, price, createdAt }) {
      removeHold(hold);
      queries.setQueryData<Owned>(keys.owned(hold.userId), (owned) => owned && withPurchase(owned, { id, dropId }));
      records.showBought({ dropId, name, price, currency, createdAt });
      void queries.invalidateQueries({ queryKey: keys.purchases(hold.userId) });
    },
    onError: useActionFailure(hold, 'buy'),
  });
}

/** Releases a hold: the unit is on sale again at once. */
export function useRelease(hold: Reservation, name: string, lockRef: RefObject<boolean>) {
  const { api, notices } = useServices();
  const removeHold = useRemoveHold();

  return useSubmit({
    isIdempotent: true,
    lockRef,
    send: async () => bodyOf(await api.DELETE('/api/reservations/{id}', { params: { path: { id: hold.id } } })),
    onSuccess() {
      removeHold(hold);
      notices.show({ tone: 'plain', topic: hold.dropId, title: texts.holds.released(name) });
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

/** Adds a purchase that was just made, until the purchases are fetched again. */
function withPurchase(owned: Owned, purchase: Owned['purchases'][number]): Owned {
  return { ...owned, purchases: [purchase, ...owned.purchases.filter(({ id }) => id !== purchase.id)] };
}

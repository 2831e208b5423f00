import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import type { Reservation } from '../api/client.js';
import { dropQuery, keys } from '../api/queries.js';
import { useAuth } from '../auth/use-auth.js';
import { useServices } from '../services/services.js';
import { useFollow } from '../services/use-live.js';
import { texts } from '../texts/texts.js';
import { count } from '../ui/formats.js';
import { inWords } from '../ui/times.js';
import { BoughtDialog } from './bought/bought-dialog.js';
import { useHoldRecords, vanishedHolds } from './hold-records.js';
import { beep } from './last-seconds/sound.js';
import { LAST_MS, SOON_MS } from './last-seconds/stage.js';
import { useWindowTitle } from './last-seconds/use-window-title.js';
import { buyKey, useRemoveHold } from './use-hold-actions.js';
import { useReportEnd, type EndReason } from './use-report-end.js';
import { remaining, useHolds } from './use-holds.js';

const TEXTS = texts.holds;
/** Screen readers announce that this much time is left. */
const LAST_CALLS_MS = [SOON_MS, LAST_MS];
/** When the sound is played. */
const BEEPS_MS = [SOON_MS, LAST_MS, 5_000, 4_000, 3_000, 2_000, 1_000];
/** The largest error of the page's estimate of the server's clock: earlier, the server might still return the reservation. */
const REFETCH_DELAY_MS = 2_000;

/**
 * Watches the user's holds on every page: announces a new one, its last seconds and its end, shows its time in the title of the
 * window, and the success of a purchase.
 */
export function HoldWatch() {
  const { holds, query } = useHolds();
  const [announcement, setAnnouncement] = useState('');
  useFollow(holds.map(({ dropId }) => dropId));
  useReportVanished(query.data);
  useRefreshAfterOwnPurchase(holds);
  const next = holds.reduce<Reservation | undefined>(
    (first, hold) => (first && first.expiresAt <= hold.expiresAt ? first : hold),
    undefined,
  );
  return (
    <>
      {holds.map((hold) => (
        <WatchedHold key={hold.id} hold={hold} isNext={hold === next} announce={setAnnouncement} />
      ))}
      <p className="visually-hidden" role="status" aria-label={TEXTS.inCart}>
        {announcement}
      </p>
      <BoughtDialog />
    </>
  );
}

interface WatchedHoldProps {
  readonly hold: Reservation;
  /** Of all holds, its time ends first. */
  readonly isNext: boolean;
  readonly announce: (text: string) => void;
}

function WatchedHold({ hold, isNext, announce }: WatchedHoldProps) {
  const { api, feed, live } = useServices();
  const queries = useQueryClient();
  const records = useHoldRecords();
  const removeHold = useRemoveHold();
  const reportEnd = useReportEnd();
  const { data: drop } = useQuery(dropQuery(api, hold.dropId));
  const name = drop?.name ?? TEXTS.unnamed;
  useWindowTitle(isNext ? hold : undefined, name);

  const announceLastCall = useEffectEvent((left: number) => {
    const seconds = Math.round(left / 1_000);
    announce(TEXTS.lastCall(name, texts.common.seconds(seconds, count(seconds))));
  });
  const end = useEffectEvent((reason: EndReason) => {
    // A pending purchase may still be in time: the server decides.
    if (queries.isMutating({ mutationKey: buyKey(hold.id) }) > 0 || !removeHold(hold)) return;
    reportEnd(hold, reason, drop?.name);
    setTimeout(() => void queries.invalidateQueries({ queryKey: keys.reservations(hold.userId) }), REFETCH_DELAY_MS);
  });
  const isMadeHere = records.made.has(hold.id);
  const hasName = drop !== undefined;

  const { id, expiresAt } = hold;
  useEffect(() => {
    const left = Date.parse(expiresAt) - live.serverNow();
    const timers: ReturnType<typeof setTimeout>[] = [];
    const at = (leftThen: number, work: () => void) => {
      if (leftThen < left) timers.push(setTimeout(work, left - leftThen));
    };
    timers.push(
      setTimeout(
        () => {
          end('expired');
        },
        Math.max(0, left),
      ),
    );
    for (const ms of BEEPS_MS) at(ms, beep);
    const unlisten = feed.on('reservation_update', ({ reservationId, reason }) => {
      if (reservationId === id) end(reason ?? 'expired');
    });
    return () => {
      timers.forEach(clearTimeout);
      unlisten();
    };
  }, [feed, live, id, expiresAt]);

  const announceFirst = useEffectEvent(() => {
    const { left } = remaining(hold, live.serverNow());
    if (isMadeHere) announce(TEXTS.reserved(name, inWords(left)));
    else if (left <= SOON_MS) announceLastCall(left);
  });
  useEffect(() => {
    if (!hasName) return undefined;
    announceFirst();
    const left = Date.parse(expiresAt) - live.serverNow();
    const timers = LAST_CALLS_MS.filter((ms) => ms < left).map((ms) =>
      setTimeout(() => {
        announceLastCall(ms);
      }, left - ms),
    );
    return () => {
      timers.forEach(clearTimeout);
    };
  }, [live, expiresAt, hasName]);

  return null;
}

/** Reports holds that ended while this window was not connected: the list that is fetched afterwards no longer has them. */
function useReportVanished(holds: readonly Reservation[] | undefined): void {
  const { api, live } = useServices();
  const queries = useQueryClient();
  const records = useHoldRecords();
  const reportEnd = useReportEnd();
  const beforeRef = useRef<readonly Reservation[]>([]);
  const report = useEffectEvent(async (hold: Reservation) => {
    // It leaves the list when it is bought.
    if (queries.isMutating({ mutationKey: buyKey(hold.id) }) > 0) return;
    const drop = await queries.fetchQuery({ ...dropQuery(api, hold.dropId), staleTime: 0 }).catch(() => undefined);
    if (!drop || records.settled.has(hold.id)) return;
    if (drop.status === 'cancelled') reportEnd(hold, 'drop-cancelled', drop.name);
    else if (Date.parse(hold.expiresAt) <= live.serverNow()) reportEnd(hold, 'expired', drop.name);
    // Otherwise it was bought or released in another window.
  });
  useEffect(() => {
    if (!holds) return;
    for (const hold of vanishedHolds(beforeRef.current, holds, records.settled)) void report(hold);
    beforeRef.current = holds;
  }, [holds, records]);
}

/** Fetches holds and purchases again when the user has bought a held unit in another window. */
function useRefreshAfterOwnPurchase(holds: readonly Reservation[]): void {
  const { feed } = useServices();
  const queries = useQueryClient();
  const { user } = useAuth();
  const refresh = useEffectEvent((dropId: string, username: string) => {
    const hold = holds.find((each) => each.dropId === dropId);
    if (!hold || user?.username !== username) return;
    if (queries.isMutating({ mutationKey: buyKey(hold.id) }) > 0) return;
    void queries.invalidateQueries({ queryKey: keys.reservations(user.id) });
    void queries.invalidateQueries({ queryKey: keys.purchases(user.id) });
  });
  useEffect(
    () =>
      feed.on('purchase_update', ({ dropId, username }) => {
        refresh(dropId, username);
      }),
    [feed],
  );
}

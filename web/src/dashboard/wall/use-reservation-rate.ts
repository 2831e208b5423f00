import { useEffect, useState, useSyncExternalStore } from 'react';
import { useServices } from '../../services/services.js';
import { createReservationRate } from './reservation-rate.js';

const STEP_MS = 1_000;

/** Units of a drop that are reserved per second, measured while the component is shown. The drop must be followed. */
export function useReservationRate(dropId: string): number {
  const { feed, ticker } = useServices();
  const [rate] = useState(createReservationRate);
  useEffect(() => {
    const current = feed.get(dropId);
    if (current) rate.add(current, feed.serverNow());
    const stops = [
      feed.on('change', (id, snapshot) => {
        if (id === dropId && snapshot) rate.add(snapshot, feed.serverNow());
      }),
      feed.on('status', (status) => {
        if (status !== 'live') rate.interrupt();
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [feed, rate, dropId]);
  return useSyncExternalStore(ticker.subscribe, () => rate.perSecond(Math.floor(ticker.now() / STEP_MS) * STEP_MS));
}

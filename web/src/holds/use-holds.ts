import { useQuery } from '@tanstack/react-query';
import type { Reservation } from '../api/client.js';
import { reservationsQuery } from '../api/queries.js';
import { useAuth } from '../auth/use-auth.js';
import { useServices } from '../services/services.js';

const NONE: readonly Reservation[] = [];

/** The active reservations of the signed-in user, newest first, and their query. */
export function useHolds() {
  const { api } = useServices();
  const { user } = useAuth();
  const query = useQuery({ ...reservationsQuery(api, user?.id ?? ''), enabled: user !== null });
  return { holds: query.data ?? NONE, query };
}

/** The user's active reservation of this drop, if there is one. */
export function useHoldOf(dropId: string): Reservation | undefined {
  return useHolds().holds.find((hold) => hold.dropId === dropId);
}

/** How much of a reservation's time is left: in ms, and as a fraction from 1 to 0. */
export function remaining({ createdAt, expiresAt }: Reservation, serverNow: number) {
  const whole = Date.parse(expiresAt) - Date.parse(createdAt);
  // Never more than the whole time: the estimate of the server's clock may be a little behind.
  const left = Math.min(whole, Math.max(0, Date.parse(expiresAt) - serverNow));
  return { left, fraction: whole > 0 ? left / whole : 0 };
}

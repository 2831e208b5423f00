import { useQuery } from '@tanstack/react-query';
import type { Reservation } from '../api/client.js';
import { reservationsQuery } from '../api/queries.js';
import { useAuth } from '../auth/use-auth.js';
import { useServices } from '../services/services.js';

const NONE: readonly Reservation[] = [];

/** The holds of who is signed in, newest first; none for anybody else. `query` tells how asking for them went. */
export function useHolds() {
  const { api } = useServices();
  const { user } = useAuth();
  const query = useQuery({ ...reservationsQuery(api, user?.id ?? ''), enabled: user !== null });
  return { holds: query.data ?? NONE, query };
}

/** My hold of this drop, if there is one. */
export function useHoldOf(dropId: string): Reservation | undefined {
  return useHolds().holds.find((hold) => hold.dropId === dropId);
}

/** ms that a hold still runs, and the part of it that is left, from 1 to 0. */
export function remaining({ createdAt, expiresAt }: Reservation, serverNow: number) {
  const whole = Date.parse(expiresAt) - Date.parse(createdAt);
  // Never more than there ever was: what is known of the server's clock may be a little behind it.
  const left = Math.min(whole, Math.max(0, Date.parse(expiresAt) - serverNow));
  return { left, fraction: whole > 0 ? left / whole : 0 };
}

import type { Drop } from '../api/client.js';
import { useAuth } from '../auth/use-auth.js';
import { useOwned } from '../holds/use-owned.js';
import { offerOf, type Offer } from '../ticket/offer.js';

/** What the current user can do about the drop, and how many units of it they own. */
export function useOffer(drop: Drop, isCoolingDown = false): { readonly offer: Offer; readonly owned: number } {
  const { user } = useAuth();
  const owned = useOwned(drop);
  return { offer: offerOf({ drop, isSignedIn: user !== null, owned, isCoolingDown }), owned };
}

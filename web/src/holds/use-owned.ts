import { useQuery } from '@tanstack/react-query';
import type { Drop } from '../api/client.js';
import { ownedOfDropQuery, ownedQuery } from '../api/queries.js';
import { useAuth } from '../auth/use-auth.js';
import { useServices } from '../services/services.js';

/**
 * How many units of the drop the signed-in user has bought; 0 without a user. One request answers it for all drops of a page. For a
 * user with more purchases than it returns, a drop with a limit is counted by itself.
 */
export function useOwned({ id, limitPerUser }: Pick<Drop, 'id' | 'limitPerUser'>): number {
  const { api } = useServices();
  const { user } = useAuth();
  const userId = user?.id ?? '';
  const { data: latest } = useQuery({ ...ownedQuery(api, userId), enabled: user !== null });
  const isCounted = latest?.isAll === false && limitPerUser !== null;
  const { data: units } = useQuery({ ...ownedOfDropQuery(api, userId, id), enabled: user !== null && isCounted });
  const known = latest?.purchases.filter(({ dropId }) => dropId === id).length ?? 0;
  return Math.max(known, units ?? 0);
}

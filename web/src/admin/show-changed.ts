import type { QueryClient } from '@tanstack/react-query';
import type { Drop } from '../api/client.js';
import { keys } from '../api/queries.js';

/** Shows a drop as the API has returned it after a change, unless a newer version is known. */
export function showChanged(queries: QueryClient, drop: Drop): void {
  queries.setQueryData<Drop>(keys.drop(drop.id), (known) => (known && known.version > drop.version ? known : drop));
  void queries.invalidateQueries({ queryKey: keys.allDrops });
}

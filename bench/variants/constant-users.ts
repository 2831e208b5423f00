import type { UserLookup } from '../../src/lib/auth/user-lookup.js';

/** In place of the module's own lookup: whoever a token names is there, and nobody asks the database. */
export function createUserLookup(): UserLookup {
  return (id) => Promise.resolve({ id, username: 'crowd', role: 'user' });
}

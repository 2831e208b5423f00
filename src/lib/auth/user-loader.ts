import type { UserRole } from '../../generated/prisma/enums.js';
import { uuidArray } from '../db/arrays.js';
import type { Database } from '../db/database.js';
import { createBatchLoader, type BatchLoader } from '../batch-loader.js';
import type { Metrics } from '../metrics.js';

/** Who makes a request. The role is the database's, so that an admin's end takes effect at once. */
export interface AuthenticatedUser {
  readonly id: string;
  readonly username: string;
  readonly role: UserRole;
}

/**
 * Finds a user; null if there is none. Lookups at the same time share one query, and each is answered by a query that began
 * after it: nothing is remembered.
 */
export type UserLoader = BatchLoader<AuthenticatedUser>;

export function createUserLoader({ db, metrics }: { db: Database; metrics: Metrics }): UserLoader {
  return createBatchLoader({
    name: 'user-lookup',
    metrics,
    async find(ids) {
      const [{ users }] = await db.$queryRaw<[{ users: AuthenticatedUser[] }]>`
        SELECT coalesce(json_agg(json_build_object('id', u.id, 'username', u.username, 'role', u.role)), '[]') AS users
        FROM users u WHERE u.id = ANY(${uuidArray(ids)})`;
      return users;
    },
  });
}

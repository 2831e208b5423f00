import type { UserRole } from '../../generated/prisma/enums.js';
import { createBatcher } from '../batcher.js';
import type { Database } from '../db/database.js';
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
export type UserLookup = (userId: string) => Promise<AuthenticatedUser | null>;

const MAX_BATCH = 1_000;

export function createUserLookup({ db, metrics }: { db: Database; metrics: Metrics }): UserLookup {
  const batcher = createBatcher<string, AuthenticatedUser | null>({
    maxBatch: MAX_BATCH,
    maxRunning: 1,
    metrics: metrics.ofBatcher('user-lookup'),
    async run(_key, ids) {
      // One parameter, however many they are, so that the statement and its plan stay the same; and one row, since Prisma
      // takes four times as long over as many rows as there are users.
      const [{ users }] = await db.$queryRaw<[{ users: AuthenticatedUser[] }]>`
        SELECT coalesce(json_agg(json_build_object('id', u.id, 'username', u.username, 'role', u.role)), '[]') AS users
        FROM users u WHERE u.id = ANY(${ids}::uuid[])`;
      const found = new Map(users.map((user) => [user.id, user]));
      return ids.map((id) => found.get(id) ?? null);
    },
  });
  return (userId) => batcher.submit('all', userId);
}

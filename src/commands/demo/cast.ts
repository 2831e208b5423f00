import { randomBytes } from 'node:crypto';
import type { Tokens } from '../../lib/auth/tokens.js';
import type { Database } from '../../lib/db/database.js';

/** Somebody who takes part. */
export interface Player {
  readonly id: string;
  readonly token: string;
}

/** Those who take part in one run. */
export interface Cast {
  readonly admin: Player;
  readonly buyers: readonly Player[];
  /** Removes everybody who has left no trace in a reservation; who has one stays, as its history does. */
  leave(): Promise<void>;
}

/** Makes an admin and the buyers in the database: 500 registrations would only measure bcrypt. Nobody can sign in as them. */
export async function gatherCast(db: Database, tokens: Tokens, count: number): Promise<Cast> {
  const run = randomBytes(3).toString('hex');
  const names = Array.from({ length: count }, (_, index) => `rush_${run}_${index + 1}`);
  const [admin, ...buyers] = await db.user.createManyAndReturn({
    data: [`rush_${run}_admin`, ...names].map((username, index) => ({
      username,
      email: `${username}@demo.invalid`,
      passwordHash: 'no password',
      role: index === 0 ? ('admin' as const) : ('user' as const),
    })),
    select: { id: true, role: true },
  });
  if (!admin) throw new Error('createManyAndReturn returned nobody');
  const enter = (user: typeof admin): Player => ({ id: user.id, token: tokens.sign(user) });
  return {
    admin: enter(admin),
    buyers: buyers.map(enter),
    async leave() {
      await db.user.deleteMany({
        where: { username: { startsWith: `rush_${run}_` }, reservations: { none: {} }, purchases: { none: {} } },
      });
    },
  };
}

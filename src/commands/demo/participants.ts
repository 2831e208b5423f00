import { randomBytes } from 'node:crypto';
import type { Tokens } from '../../lib/auth/tokens.js';
import type { Database } from '../../lib/db/database.js';

export interface Participant {
  readonly id: string;
  readonly token: string;
}

/** Of all accounts of the demo, which cannot receive mail. */
export const DEMO_EMAIL_DOMAIN = '@demo.invalid';

/** Creates the organiser, an admin, and the buyers in the database, without passwords: 500 registrations would only measure bcrypt. */
export async function createParticipants(db: Database, tokens: Tokens, count: number) {
  const run = randomBytes(3).toString('hex');
  const names = Array.from({ length: count }, (_, index) => `rush_${run}_${index + 1}`);
  const [organiser, ...buyers] = await db.user.createManyAndReturn({
    data: [`rush_${run}_organiser`, ...names].map((username, index) => ({
      username,
      email: username + DEMO_EMAIL_DOMAIN,
      passwordHash: 'no password',
      role: index === 0 ? ('admin' as const) : ('user' as const),
    })),
    select: { id: true, role: true },
  });
  if (!organiser) throw new Error('createManyAndReturn returned no row');
  const withToken = (user: typeof organiser): Participant => ({ id: user.id, token: tokens.sign(user) });
  return {
    organiser: withToken(organiser),
    buyers: buyers.map(withToken),
    /** Removes the users without reservations and purchases. The others stay, with their history. */
    async remove() {
      await db.user.deleteMany({
        where: { username: { startsWith: `rush_${run}_` }, reservations: { none: {} }, purchases: { none: {} } },
      });
    },
  };
}

import pg from 'pg';
import { createTokens } from '../../src/lib/auth/tokens.js';
import type { MeasuredService } from './service.js';

const DROPS = 30;
/** Enough that each drop has users without a reservation of it. */
const USERS = 60;

/** A signed-in user, as the page stores it. */
export interface Session {
  readonly token: string;
  readonly user: object;
}

interface ExampleRows {
  readonly dropIds: readonly string[];
  readonly admin: Session;
  readonly buyers: readonly Session[];
}

/** Inserts drops and users into an empty database. */
export async function insertExampleRows({ databaseUrl, secret }: MeasuredService): Promise<ExampleRows> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows: drops } = await client.query<{ id: string }>(
    `INSERT INTO drops (name, price, total_stock, image_url)
     SELECT 'Drop ' || number, 10, 5000, '/images/sneaker.svg' FROM generate_series(1, ${DROPS}) AS number RETURNING id`,
  );
  const { rows: users } = await client.query<{ id: string; username: string; email: string; role: 'user' | 'admin' }>(
    `INSERT INTO users (username, email, password_hash, role)
     SELECT 'buyer_' || number, 'buyer_' || number || '@example.com', 'unusable',
            CASE number WHEN 0 THEN 'admin' ELSE 'user' END::user_role
     FROM generate_series(0, ${USERS}) AS number RETURNING id, username, email, role`,
  );
  await client.end();
  const tokens = createTokens(secret, 24 * 3600);
  const [admin, ...buyers] = users.map((user) => ({ user, token: tokens.sign(user) }));
  if (!admin) throw new Error('No user was inserted');
  return { dropIds: drops.map(({ id }) => id), admin, buyers };
}

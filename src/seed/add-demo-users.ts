import type pg from 'pg';
import { DEMO_USERS, type SeedCounts } from './demo-data.js';

export async function addUsers(client: pg.ClientBase, passwordHash: string, skipped: string[]): Promise<SeedCounts> {
  const counts = { added: 0, present: 0 };
  for (const { username, email, role } of DEMO_USERS) {
    const { rowCount } = await client.query(
      `INSERT INTO users (username, email, password_hash, role, created_at, updated_at)
       VALUES ($1, $2, $3, $4, now() - interval '30 days', now() - interval '30 days')
       ON CONFLICT DO NOTHING`,
      [username, email, passwordHash, role],
    );
    if (rowCount === 1) counts.added += 1;
    else if (await findUser(client, email)) counts.present += 1;
    else skipped.push(`user ${email}: another user has the username ${username}`);
  }
  return counts;
}

/** The id of the user with this e-mail in any case. */
export async function findUser(client: pg.ClientBase, email: string): Promise<string | undefined> {
  const { rows } = await client.query<{ id: string }>(
    'SELECT id FROM users WHERE lower(email COLLATE "C") = lower($1 COLLATE "C")',
    [email],
  );
  return rows[0]?.id;
}

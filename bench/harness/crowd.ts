import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import type pg from 'pg';
import type { AuthenticatedUser } from '../../src/lib/auth/authenticate.js';
import { createTokens } from '../../src/lib/auth/tokens.js';

/** Signs the tokens, in the load generator's hands and in the services measured. */
export const JWT_SECRET = 'a secret for measurements, of no use elsewhere';

const TOKEN_SECONDS = 24 * 3600;

/** The id of a user of the crowd: scattered as random ids are, and the same in every process and in {@link insertCrowd}. */
export function crowdUserId(index: number): string {
  const hash = createHash('md5').update(`user ${index}`).digest('hex');
  return [hash.slice(0, 8), hash.slice(8, 12), `4${hash.slice(13, 16)}`, `8${hash.slice(17, 20)}`, hash.slice(20)].join(
    '-',
  );
}

/** Puts `size` users into the database, in bulk. Nobody can sign in as them: their tokens come from {@link writeTokens}. */
export async function insertCrowd(client: pg.Client, size: number): Promise<void> {
  await client.query(
    `INSERT INTO users (id, username, email, password_hash)
     SELECT (substr(hash, 1, 8) || '-' || substr(hash, 9, 4) || '-4' || substr(hash, 14, 3) || '-8' || substr(hash, 18, 3)
             || '-' || substr(hash, 21))::uuid, 'crowd_' || i, 'crowd_' || i || '@bench.invalid', 'no password'
     FROM generate_series(0, $1 - 1) AS i, md5('user ' || i) AS hash`,
    [size],
  );
}

/** Signs a token for each of the crowd with the service's own code, one a line: once, and never while measuring. */
export async function writeTokens(file: string, size: number): Promise<void> {
  const tokens = createTokens(JWT_SECRET, TOKEN_SECONDS);
  const lines = Array.from({ length: size }, (_, index) => tokens.sign({ id: crowdUserId(index), role: 'user' }));
  await writeFile(file, lines.join('\n'));
}

/** What {@link writeTokens} wrote. */
export async function readTokens(file: string): Promise<string[]> {
  return (await readFile(file, 'latin1')).split('\n');
}

/** A user of the crowd, as the authentication hands it on. */
export function crowdUser(index: number): AuthenticatedUser {
  return { id: crowdUserId(index), username: `crowd_${index}`, role: 'user' };
}

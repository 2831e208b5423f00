import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import type pg from 'pg';
import { createTokens, type Tokens } from '../../src/lib/auth/tokens.js';

/** Signs the tokens of the load users; the measured services are configured with it. */
export const JWT_SECRET = 'a secret for measurements, of no use elsewhere';

const TOKEN_TTL_SECONDS = 24 * 3600;

/** The id of a load user: distributed like a random id, and the same in every process and in {@link insertLoadUsers}. */
function loadUserId(index: number): string {
  const hash = createHash('md5').update(`user ${index}`).digest('hex');
  return [hash.slice(0, 8), hash.slice(8, 12), `4${hash.slice(13, 16)}`, `8${hash.slice(17, 20)}`, hash.slice(20)].join(
    '-',
  );
}

/** A load user as the authentication returns it. */
export function loadUser(index: number) {
  const token = { version: 0, id: null, expiresAt: Math.floor(Date.now() / 1000) + TOKEN_TTL_SECONDS };
  return { id: loadUserId(index), username: `load_${index}`, role: 'user' as const, token };
}

/** Inserts the load users in bulk. They have no password: their tokens come from {@link writeTokens}. */
export async function insertLoadUsers(client: pg.Client, count: number): Promise<void> {
  await client.query(
    `INSERT INTO users (id, username, email, password_hash)
     SELECT (substr(hash, 1, 8) || '-' || substr(hash, 9, 4) || '-4' || substr(hash, 14, 3) || '-8' || substr(hash, 18, 3)
             || '-' || substr(hash, 21))::uuid, 'load_' || i, 'load_' || i || '@bench.invalid', 'no password'
     FROM generate_series(0, $1 - 1) AS i, md5('user ' || i) AS hash`,
    [count],
  );
}

/** Signs a token for each load user with the service's own code, one per line, before anything is measured. */
export async function writeTokens(file: string, count: number): Promise<void> {
  const lines = Array.from({ length: count }, (_, index) => signToken(index));
  await writeFile(file, lines.join('\n'));
}

/** Signs the token of one load user, who need not exist; with another secret, the service refuses it. */
export function signToken(index: number, secret = JWT_SECRET): string {
  return tokensOf(secret).sign({ id: loadUserId(index), role: 'user' });
}

const signers = new Map<string, Tokens>();

function tokensOf(secret: string): Tokens {
  const known = signers.get(secret) ?? createTokens(secret, TOKEN_TTL_SECONDS);
  signers.set(secret, known);
  return known;
}

export async function readTokens(file: string): Promise<string[]> {
  return (await readFile(file, 'latin1')).split('\n');
}

/** Reserves a unit over HTTP. @throws if it is not granted. */
export async function reserve(port: number, token: string, dropId: string): Promise<void> {
  const { status } = await fetch(`http://127.0.0.1:${port}/api/reservations`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ dropId }),
  });
  if (status !== 201) throw new Error(`a reservation returned ${status}`);
}

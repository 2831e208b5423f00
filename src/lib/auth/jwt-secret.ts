import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/index.js';

/**
 * The secret that signs tokens: JWT_SECRET, or in development one that is made once and kept under the data folder, so
 * that a restart signs nobody out.
 */
export async function resolveJwtSecret({ jwt, dataDir }: Pick<Config, 'jwt' | 'dataDir'>): Promise<string> {
  if (jwt.secret) return jwt.secret;
  const file = join(dataDir, 'jwt-secret');
  await mkdir(dataDir, { recursive: true });
  try {
    // wx: of two processes that start at once, one writes and both read what it wrote.
    await writeFile(file, randomBytes(48).toString('base64url'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFile(file, 'utf8');
}

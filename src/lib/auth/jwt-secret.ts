import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/index.js';
import { OperatorError } from '../errors/operator-error.js';

/** Bytes; 64 characters when written. */
const SECRET_SIZE = 48;
/** What a secret must at least have, wherever it comes from. */
const MIN_LENGTH = 32;

/**
 * The secret that signs tokens: JWT_SECRET, or in development one that is made once and kept under the data folder, so
 * that a restart signs nobody out.
 */
export async function resolveJwtSecret({ jwt, dataDir }: Pick<Config, 'jwt' | 'dataDir'>): Promise<string> {
  if (jwt.secret) return jwt.secret;
  const file = join(dataDir, 'jwt-secret');
  if (!existsSync(file)) {
    await mkdir(dataDir, { recursive: true });
    await writeOnce(file, randomBytes(SECRET_SIZE).toString('base64url'));
  }
  const secret = await readFile(file, 'utf8');
  if (secret.length < MIN_LENGTH) {
    throw new OperatorError(`${file} holds no usable secret: delete it, and a new one is made`);
  }
  return secret;
}

/** Of several who write at once one wins, and nobody reads a file that is still empty: it appears when complete. */
async function writeOnce(file: string, content: string): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  try {
    await writeFile(draft, content, { mode: 0o600 });
    await link(draft, file).catch((error: NodeJS.ErrnoException) => {
      // Unlike link(), rename() would replace the winner's; it is for file systems without hard links.
      return error.code === 'EEXIST' ? undefined : rename(draft, file);
    });
  } finally {
    await rm(draft, { force: true });
  }
}

import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/index.js';
import { OperatorError } from '../errors/operator-error.js';

/** 64 characters of base64url. */
const SECRET_BYTES = 48;
const MIN_LENGTH = 32;

/**
 * The secret that signs tokens: JWT_SECRET, or in development one that is generated once and kept in the data folder, so that
 * tokens stay valid after a restart.
 */
export async function resolveJwtSecret({ jwt, dataDir }: Pick<Config, 'jwt' | 'dataDir'>): Promise<string> {
  if (jwt.secret) return jwt.secret;
  const file = join(dataDir, 'jwt-secret');
  if (!existsSync(file)) {
    await mkdir(dataDir, { recursive: true });
    await writeOnce(file, randomBytes(SECRET_BYTES).toString('base64url'));
  }
  const secret = await readFile(file, 'utf8');
  if (secret.length < MIN_LENGTH) {
    throw new OperatorError(`${file} holds no usable secret: delete it, and a new one is made`);
  }
  return secret;
}

/** Writes a file unless it exists. With concurrent writers one wins, and readers never see an incomplete file. */
async function writeOnce(file: string, content: string): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  try {
    await writeFile(draft, content, { mode: 0o600 });
    await link(draft, file).catch((error: NodeJS.ErrnoException) => {
      // For file systems without hard links. rename() replaces an existing file, which link() does not.
      return error.code === 'EEXIST' ? undefined : rename(draft, file);
    });
  } finally {
    await rm(draft, { force: true });
  }
}

import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { resolveJwtSecret } from '../../src/lib/auth/jwt-secret.js';

let dataDir: string;

beforeEach(() => {
  dataDir = join(mkdtempSync(join(tmpdir(), 'drop-inventory-secret-')), 'data');
});
afterEach(() => {
  rmSync(join(dataDir, '..'), { recursive: true });
});

const resolve = (secret?: string) => resolveJwtSecret({ jwt: { secret, expiresInSeconds: 60 }, dataDir });

it('is JWT_SECRET if set, and no file is written', async () => {
  expect(await resolve('a secret of one’s own')).toBe('a secret of one’s own');
  expect(existsSync(dataDir)).toBe(false);
});

it('is generated once, in a file that only its owner can read', async () => {
  const secret = await resolve();
  expect(secret.length).toBeGreaterThanOrEqual(32);
  expect(await resolve()).toBe(secret);
  expect(readdirSync(dataDir)).toEqual(['jwt-secret']);
  if (process.platform !== 'win32') expect(statSync(join(dataDir, 'jwt-secret')).mode & 0o777).toBe(0o600);
});

it('is the same for processes that start concurrently', async () => {
  const secrets = await Promise.all(Array.from({ length: 20 }, () => resolve()));
  expect(new Set(secrets).size).toBe(1);
  expect(readdirSync(dataDir)).toEqual(['jwt-secret']);
});

it('differs from folder to folder', async () => {
  const secret = await resolve();
  rmSync(dataDir, { recursive: true });
  expect(await resolve()).not.toBe(secret);
});

it('is never the empty content of a truncated file', async () => {
  await resolve();
  writeFileSync(join(dataDir, 'jwt-secret'), '');
  await expect(resolve()).rejects.toThrow(/jwt-secret holds no usable secret: delete it/);
});

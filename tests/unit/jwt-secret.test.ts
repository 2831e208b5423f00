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

it('JWT_SECRET is used if set, and no file is written', async () => {
  expect(await resolve('a secret of one’s own')).toBe('a secret of one’s own');
  expect(existsSync(dataDir)).toBe(false);
});

it('the secret is generated once, in a file that only its owner can read', async () => {
  const secret = await resolve();
  expect(secret.length).toBeGreaterThanOrEqual(32);
  expect(await resolve()).toBe(secret);
  expect(readdirSync(dataDir)).toEqual(['jwt-secret']);
  if (process.platform !== 'win32') expect(statSync(join(dataDir, 'jwt-secret')).mode & 0o777).toBe(0o600);
});

it('processes that start concurrently use the same secret', async () => {
  const secrets = await Promise.all(Array.from({ length: 20 }, () => resolve()));
  expect(new Set(secrets).size).toBe(1);
  expect(readdirSync(dataDir)).toEqual(['jwt-secret']);
});

it('each folder has its own secret', async () => {
  const secret = await resolve();
  rmSync(dataDir, { recursive: true });
  expect(await resolve()).not.toBe(secret);
});

it('a truncated file is reported instead of an empty secret', async () => {
  await resolve();
  writeFileSync(join(dataDir, 'jwt-secret'), '');
  await expect(resolve()).rejects.toThrow(/jwt-secret holds no usable secret: delete it/);
});
